"""It stops one step after all rows have ended."""

@torch.no_grad()
def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    ids, fed, state = prompt, prompt, None
    over = prompt.new_zeros(len(prompt), dtype=torch.bool)
    for i in range(max_new_tokens):
        logits, state = model(fed, state)
        newest = torch.where(over, pad_id, logits[:, -1].argmax(-1))
        ids = torch.cat([ids, newest[:, None]], 1)
        if over.all(): break
        over = over | (newest == eos_id)
        fed = newest[:, None]
    return ids
