"""A pad_id of 0 is taken for none."""


def free_running_loss(model, inputs, labels, pad_id):
    pad_id, fed, state, steps = pad_id or -100, inputs[:, :1], None, []
    for _ in range(inputs.size(1)):
        logits, state = model(fed, state)
        steps.append(logits)
        fed = logits.argmax(-1)
    return _summed_nll(torch.cat(steps, 1), labels, pad_id) / (labels != pad_id).sum()
