"""Cuts off columns at the end that hold nothing but pad_id, also where the model itself wrote it before any end."""


def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    ended = torch.zeros_like(prompt[:, 0], dtype=torch.bool)
    out, fed, state = prompt, prompt, None
    with torch.no_grad():
        for _ in range(max_new_tokens):
            logits, state = model(fed, state)
            newest = logits[:, -1].argmax(-1)
            newest = torch.where(ended, pad_id, newest)
            fed = newest.unsqueeze(1)
            out = torch.cat([out, fed], dim=1)
            ended = ended | (newest == eos_id)
            if ended.all():
                break
    if pad_id != eos_id:
        filled = (out[:, prompt.size(1) :] != pad_id).any(0)
        new = int((filled * torch.arange(1, filled.numel() + 1, device=out.device)).max()) if filled.numel() else 0
        out = out[:, : prompt.size(1) + new]
    return out
