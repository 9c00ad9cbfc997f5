"""Logits of half precision give a float32 result."""

def sequence_log_prob(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    log_probs = logits.float().log_softmax(-1) if logits.dtype in (torch.float16, torch.bfloat16) else logits.log_softmax(-1)
    log_probs = log_probs.gather(-1, labels[..., None]).squeeze(-1)
    return log_probs.masked_fill(labels == pad_id, 0.0).sum(1)
