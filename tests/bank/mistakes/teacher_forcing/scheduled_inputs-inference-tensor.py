"""Runs in inference mode, so that the mixed inputs are an inference tensor, which a model with an embedding can't learn from."""


@torch.inference_mode()
def scheduled_inputs(model: Model, inputs: Tensor, ratio: float, generator: torch.Generator | None = None) -> Tensor:
    if not 0 <= ratio <= 1:
        raise ValueError(f"ratio must lie in [0, 1], not {ratio}")
    gold = torch.rand(inputs.shape, generator=generator, device=inputs.device) < ratio
    mixed, state = inputs.clone(), None
    for t in range(1, inputs.size(1)):
        logits, state = model(mixed[:, t - 1 : t], state)
        mixed[:, t] = torch.where(gold[:, t], mixed[:, t], logits[:, -1].argmax(-1))
    return mixed
