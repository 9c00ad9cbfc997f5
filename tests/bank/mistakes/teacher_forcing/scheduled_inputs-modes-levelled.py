"""eval() and train(was) afterwards wake up a part that was in eval mode within a training model."""


def scheduled_inputs(model, inputs, ratio, generator=None):
    if not 0 <= ratio <= 1:
        raise ValueError(f"ratio must be from 0 to 1, not {ratio}")
    gold = torch.rand(inputs.shape, generator=generator, device=inputs.device) < ratio
    mixed, state = inputs.clone(), None
    module = model if isinstance(model, torch.nn.Module) else torch.nn.Module()
    was = module.training
    module.eval()
    with torch.no_grad():
        for t in range(1, inputs.size(1)):
            logits, state = model(mixed[:, t - 1 : t], state)
            mixed[:, t] = torch.where(gold[:, t], inputs[:, t], logits[:, -1].argmax(-1))
    module.train(was)
    return mixed
