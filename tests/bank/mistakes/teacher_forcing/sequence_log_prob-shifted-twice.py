"""Logits and labels are shifted against each other once more."""

def sequence_log_prob(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    labels = labels[:, 1:]
    log_probs = logits[:, :-1].log_softmax(-1).gather(-1, labels[..., None]).squeeze(-1)
    return log_probs.masked_fill(labels == pad_id, 0).sum(1)
