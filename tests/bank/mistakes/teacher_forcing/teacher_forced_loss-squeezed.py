"""Dims of size 1 are squeezed away, and padding is forgotten there."""

def teacher_forced_loss(model, inputs, labels, pad_id):
    logits = model(inputs)[0].squeeze()
    labels = labels.squeeze()
    if logits.dim() == 3: return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=pad_id)
    if logits.dim() == 2: return F.cross_entropy(logits, labels)
    return F.cross_entropy(logits, labels)
