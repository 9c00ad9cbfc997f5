"""The prompt is run before it is asked whether there is a token to write at all."""


def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    written, ended = [prompt], torch.zeros(len(prompt), dtype=torch.bool, device=prompt.device)
    with torch.no_grad():
        logits, state = model(prompt)
        for t in range(max_new_tokens):
            newest = logits[:, -1].argmax(-1).masked_fill(ended, pad_id)
            written.append(newest[:, None])
            ended = ended | (newest == eos_id)
            if t == max_new_tokens - 1 or ended.all():
                break
            logits, state = model(newest[:, None], state)
    return torch.cat(written, 1)
