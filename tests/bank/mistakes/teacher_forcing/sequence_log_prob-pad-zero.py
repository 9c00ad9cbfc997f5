"""A pad_id of 0 is taken for none."""


def sequence_log_prob(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    log_probs = logits.log_softmax(-1).gather(-1, labels[..., None]).squeeze(-1)
    return log_probs.masked_fill(labels == (pad_id or -100), 0.0).sum(1)
