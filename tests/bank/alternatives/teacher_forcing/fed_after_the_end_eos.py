"""A row that has ended is fed eos again."""

def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    ended = torch.zeros_like(prompt[:, 0], dtype=torch.bool)
    written, fed, state = ([], prompt, None)
    with torch.no_grad():
        for _ in range(max_new_tokens):
            logits, state = model(fed, state)
            raw = logits[:, -1].argmax(-1)
            written.append(torch.where(ended, pad_id, raw))
            ended = ended | (raw == eos_id)
            fed = torch.where(ended, eos_id, raw)[:, None]
            if ended.all():
                break
    return torch.cat([prompt, *(column[:, None] for column in written)], 1)
