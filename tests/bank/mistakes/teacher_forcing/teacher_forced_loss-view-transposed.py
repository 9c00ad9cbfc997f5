"""(B, T, V) is viewed as (B, V, T) instead of transposed."""

def teacher_forced_loss(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    B, T, V = logits.shape
    return F.cross_entropy(logits.reshape(B, V, T), labels, ignore_index=pad_id)
