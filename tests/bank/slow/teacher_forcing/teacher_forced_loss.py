"""A Python loop over the steps, one cross-entropy each."""


def teacher_forced_loss(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    total, count = 0, 0
    for t in range(labels.size(1)):
        total = total + F.cross_entropy(logits[:, t], labels[:, t], ignore_index=pad_id, reduction="sum")
        count = count + (labels[:, t] != pad_id).sum()
    return total / count
