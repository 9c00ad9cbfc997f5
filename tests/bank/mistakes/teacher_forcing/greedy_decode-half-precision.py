"""The choice is made in half precision."""

@torch.no_grad()
def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    ended = torch.zeros(len(prompt), dtype=torch.bool, device=prompt.device)
    written, fed, state = [prompt], prompt, None
    for i in range(max_new_tokens):
        logits, state = model(fed, state)
        fed = logits[:, -1:].half().argmax(-1).masked_fill(ended[:, None], pad_id)
        written.append(fed)
        ended = ended | (fed[:, 0] == eos_id)
        if ended.all(): break
    return torch.cat(written, 1)
