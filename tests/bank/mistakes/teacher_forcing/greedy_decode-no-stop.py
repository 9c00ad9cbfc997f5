"""No stop at eos."""

def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    ended = torch.zeros(len(prompt), dtype=torch.bool, device=prompt.device)
    written, fed, state = [prompt], prompt, None
    with torch.no_grad():
        for _ in range(max_new_tokens):
            logits, state = model(fed, state)
            newest = logits[:, -1].argmax(-1)
            fed = newest[:, None]
            written.append(newest[:, None])
            ended = ended | (newest == eos_id)
    return torch.cat(written, 1)
