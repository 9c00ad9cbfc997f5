"""Returns early for inputs of one column, before the ratio is looked at, so a ratio of 2 raises no ValueError there."""


def scheduled_inputs(model, inputs, ratio, generator=None):
    steps = inputs.size(1)
    if steps == 1:
        return inputs.clone()
    if not 0 <= ratio <= 1:
        raise ValueError(f"ratio must be from 0 to 1, not {ratio}")
    gold = torch.rand(inputs.shape, generator=generator, device=inputs.device) < ratio
    mixed, state = inputs.clone(), None
    with torch.no_grad():
        for t in range(1, steps):
            logits, state = model(mixed[:, t - 1 : t], state)
            mixed[:, t] = torch.where(gold[:, t], inputs[:, t], logits[:, -1].argmax(-1))
    return mixed
