"""The number of real labels is read back to Python."""

def teacher_forced_loss(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    count = int((labels != pad_id).sum())
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=pad_id, reduction='sum') / count
