"""0 times -inf is NaN where padding has no chance."""

def sequence_log_prob(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    log_probs = logits.log_softmax(-1).gather(-1, labels[..., None]).squeeze(-1)
    return (log_probs * (labels != pad_id)).sum(1)
