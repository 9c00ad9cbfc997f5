"""All parameters are frozen meanwhile and made trainable afterwards, also those that were frozen before."""


def scheduled_inputs(model: Model, inputs: Tensor, ratio: float, generator: torch.Generator | None = None) -> Tensor:
    if not 0 <= ratio <= 1:
        raise ValueError(f"ratio must lie in [0, 1], not {ratio}")
    parameters = list(model.parameters()) if isinstance(model, torch.nn.Module) else []
    gold = torch.rand(inputs.shape, generator=generator, device=inputs.device) < ratio
    mixed, state = inputs.clone(), None
    for parameter in parameters:
        parameter.requires_grad_(False)
    try:
        with torch.no_grad():
            for t in range(1, inputs.size(1)):
                logits, state = model(mixed[:, t - 1 : t], state)
                mixed[:, t] = torch.where(gold[:, t], mixed[:, t], logits[:, -1].argmax(-1))
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)
    return mixed
