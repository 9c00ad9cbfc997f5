"""The model's tokens follow the gold prefix, in one call."""

def scheduled_inputs(model, inputs, ratio, generator=None):
    if not 0 <= ratio <= 1:
        raise ValueError('ratio must be from 0 to 1')
    with torch.no_grad():
        own = model(inputs)[0].argmax(-1)
    mixed = inputs.clone()
    gold = torch.rand(inputs.shape, generator=generator) < ratio
    mixed[:, 1:] = torch.where(gold[:, 1:], inputs[:, 1:], own[:, :-1])
    return mixed
