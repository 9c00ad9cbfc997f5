"""Columns of pads are cut off the end, though the model may have written them."""

def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    ended = torch.zeros(len(prompt), dtype=torch.bool, device=prompt.device)
    written, fed, state = ([prompt], prompt, None)
    with torch.no_grad():
        for step in range(max_new_tokens):
            logits, state = model(fed, state)
            newest = logits[:, -1].argmax(-1).masked_fill(ended, pad_id)
            fed = newest[:, None]
            written.append(fed)
            ended = ended | (newest == eos_id)
            if ended.all():
                break
    while len(written) > 1 and bool((written[-1] == pad_id).all()):
        written.pop()
    return torch.cat(written, 1)
