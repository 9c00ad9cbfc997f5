"""A prompt that ends with eos is taken for a row that has ended."""

def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    ended = prompt[:, -1] == eos_id
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
    return torch.cat(written, 1)
