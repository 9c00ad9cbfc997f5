"""The whole model is in training mode: batch norm uses the batch and changes."""


def mc_dropout(model, x, samples):
    if samples < 2:
        raise ValueError(f"samples is {samples}")
    with _modes_kept(model), torch.no_grad():
        model.train()
        outputs = torch.stack([model(x) for _ in range(samples)])
    return outputs.mean(dim=0), outputs.std(dim=0)
