"""A Python loop over the rows at each token."""


def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    ended = torch.zeros(len(prompt), dtype=torch.bool, device=prompt.device)
    written, fed, state = [prompt], prompt, None
    with torch.no_grad():
        for _ in range(max_new_tokens):
            logits, state = model(fed, state)
            rows = []
            for b in range(len(prompt)):
                rows.append(logits[b, -1].argmax().masked_fill(ended[b], pad_id))
            fed = torch.stack(rows)[:, None]
            written.append(fed)
            ended = ended | (fed[:, 0] == eos_id)
            if ended.all():
                break
    return torch.cat(written, 1)
