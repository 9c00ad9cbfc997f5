"""The loss is detached, so that nothing learns."""

def teacher_forced_loss(model, inputs, labels, pad_id):
    with torch.no_grad():
        logits, _ = model(inputs)
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=pad_id)
