"""The mean of a row, not its sum."""

def sequence_log_prob(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    log_probs = logits.log_softmax(-1).gather(-1, labels[..., None]).squeeze(-1)
    real = labels != pad_id
    return log_probs.masked_fill(~real, 0).sum(1) / real.sum(1).clamp(min=1)
