"""The model's token is drawn at a low temperature, where the most probable one is meant."""


def scheduled_inputs(model, inputs, ratio, generator=None):
    if not 0 <= ratio <= 1:
        raise ValueError(f"ratio must be from 0 to 1, not {ratio}")
    gold = torch.rand(inputs.shape, generator=generator, device=inputs.device) < ratio
    mixed, state = inputs.clone(), None
    with torch.no_grad():
        for t in range(1, inputs.size(1)):
            logits, state = model(mixed[:, t - 1 : t], state)
            own = torch.multinomial((20 * logits[:, -1].double()).softmax(-1), 1, generator=generator)[:, 0]
            mixed[:, t] = torch.where(gold[:, t], inputs[:, t], own)
    return mixed
