"""The second half of the batch has the coins of the first."""

def scheduled_inputs(model, inputs, ratio, generator=None):
    if not 0 <= ratio <= 1:
        raise ValueError('ratio')
    gold = (torch.rand((len(inputs) + 1) // 2, inputs.size(1), generator=generator) < ratio).repeat(2, 1)[: len(inputs)]
    mixed, state = inputs.clone(), None
    with torch.no_grad():
        for t in range(1, inputs.size(1)):
            logits, state = model(mixed[:, t - 1 : t], state)
            mixed[:, t] = torch.where(gold[:, t], inputs[:, t], logits[:, -1].argmax(-1))
    return mixed
