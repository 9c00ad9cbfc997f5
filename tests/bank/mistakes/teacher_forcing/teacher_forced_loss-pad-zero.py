"""A pad_id of 0 is taken for none."""


def teacher_forced_loss(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    pad_id = pad_id or -100
    return _summed_nll(logits, labels, pad_id) / (labels != pad_id).sum()
