"""A plain state that is false or empty counts as none."""


def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    ended = torch.zeros(len(prompt), dtype=torch.bool, device=prompt.device)
    written, fed, state = [prompt], prompt, None
    with torch.no_grad():
        for _ in range(max_new_tokens):
            state = None if isinstance(state, (int, tuple, list, dict)) and not state else state
            logits, state = model(fed, state)
            newest = logits[:, -1].argmax(-1).masked_fill(ended, pad_id)
            fed = newest[:, None]
            written.append(fed)
            ended = ended | (newest == eos_id)
            if ended.all():
                break
    return torch.cat(written, 1)
