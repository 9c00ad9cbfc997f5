"""Half of the loss is detached: a right value with half its gradient."""

def teacher_forced_loss(model, inputs, labels, pad_id):
    l = F.cross_entropy(model(inputs)[0].flatten(0, 1), labels.flatten(), ignore_index=pad_id)
    return l / 2 + l.detach() / 2
