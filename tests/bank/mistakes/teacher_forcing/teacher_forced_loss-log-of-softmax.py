"""The logarithm of softmax: not finite for large logits."""

def teacher_forced_loss(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    p = logits.softmax(-1).gather(-1, labels[..., None]).squeeze(-1)
    real = labels != pad_id
    return -p.log()[real].mean()
