"""eval() inside and the mode restored, NumPy, while loops, coins from whole numbers."""

@torch.no_grad()
def greedy_decode(model, prompt, max_new_tokens, eos_id, pad_id):
    was = model.training
    model.eval()
    try:
        ids, state, fed = prompt.clone(), None, prompt
        ended = torch.zeros(prompt.shape[:1], device=prompt.device).bool()
        while ids.size(1) < prompt.size(1) + max_new_tokens and not ended.all():
            logits, state = model(fed, state)
            tok = logits[:, -1].argmax(-1)
            tok = tok * ~ended + pad_id * ended
            ids = torch.cat([ids, tok[:, None]], -1)
            ended |= tok == eos_id
            fed = tok[:, None]
        return ids
    finally:
        model.train(was)

def sequence_log_prob(model, inputs, labels, pad_id):
    import numpy as np
    with torch.no_grad():
        z = model(inputs)[0].cpu().numpy()
    z = z - z.max(-1, keepdims=True)
    lp = z - np.log(np.exp(z).sum(-1, keepdims=True))
    y = labels.cpu().numpy()
    picked = np.take_along_axis(lp, y[..., None], -1)[..., 0]
    return torch.from_numpy(np.where(y == pad_id, np.zeros((), dtype=z.dtype), picked).sum(1)).to(labels.device)

def teacher_forced_loss(model, inputs, labels, pad_id):
    logits, _ = model(inputs)
    nll = torch.stack([F.cross_entropy(l, y, ignore_index=pad_id, reduction="sum") for l, y in zip(logits, labels)])
    return nll.sum() / (labels != pad_id).float().sum().to(nll.dtype)

def scheduled_inputs(model, inputs, ratio, generator=None):
    if not 0.0 <= ratio <= 1.0:
        raise ValueError("ratio must be within [0, 1]")
    out = [inputs[:, 0]]
    state = None
    for t in range(inputs.size(1) - 1):
        with torch.no_grad():
            logits, state = model(out[t].reshape(-1, 1), state)
        forced = torch.randint(0, 1 << 24, (inputs.size(0),), generator=generator) / (1 << 24) < ratio
        out.append(torch.where(forced, inputs[:, t + 1], logits.argmax(-1).reshape(-1)))
    return torch.stack(out, dim=1)
