"""The inputs tell what is padding."""

def sequence_log_prob(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    log_probs = logits.log_softmax(-1).gather(-1, labels[..., None]).squeeze(-1)
    return log_probs.masked_fill(inputs == pad_id, 0).sum(1)
