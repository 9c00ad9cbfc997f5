"""The inputs tell what is padding."""

def teacher_forced_loss(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    real = labels != pad_id
    nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction='none')
    real = inputs != pad_id
    return (nll * real).sum() / real.sum()
