"""An eos_id of 0 is taken for none."""


def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    ended = torch.zeros(len(prompt), dtype=torch.bool, device=prompt.device)
    written, fed, state = [prompt], prompt, None
    eos_id = eos_id or -1
    with torch.no_grad():
        for _ in range(max_new_tokens):
            logits, state = model(fed, state)
            newest = logits[:, -1].argmax(-1).masked_fill(ended, pad_id)
            fed = newest[:, None]
            written.append(fed)
            ended = ended | (newest == eos_id)
            if ended.all():
                break
    return torch.cat(written, 1)
