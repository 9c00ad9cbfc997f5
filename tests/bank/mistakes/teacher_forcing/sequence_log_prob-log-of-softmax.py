"""The logarithm of softmax: not finite for large logits."""

def sequence_log_prob(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    p = logits.softmax(-1).gather(-1, labels[..., None]).squeeze(-1)
    return p.log().masked_fill(labels == pad_id, 0).sum(1)
