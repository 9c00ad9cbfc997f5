"""Gradients are switched on afterwards, for a caller under no_grad, too."""


def scheduled_inputs(model, inputs, ratio, generator=None):
    if not 0 <= ratio <= 1:
        raise ValueError(f"ratio must be from 0 to 1, not {ratio}")
    gold = torch.rand(inputs.shape, generator=generator, device=inputs.device) < ratio
    mixed, state = inputs.clone(), None
    torch.set_grad_enabled(False)
    for t in range(1, inputs.size(1)):
        logits, state = model(mixed[:, t - 1 : t], state)
        mixed[:, t] = torch.where(gold[:, t], inputs[:, t], logits[:, -1].argmax(-1))
    torch.set_grad_enabled(True)
    return mixed
