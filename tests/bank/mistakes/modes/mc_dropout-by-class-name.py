"""Dropout layers are chosen by the name of their class."""


def mc_dropout(model, x, samples):
    if samples < 2:
        raise ValueError(f"samples is {samples}")
    with _modes_kept(model), torch.no_grad():
        model.eval()
        for module in model.modules():
            if type(module).__name__.startswith("Dropout"):
                module.train()
        outputs = torch.stack([model(x) for _ in range(samples)])
    return outputs.mean(dim=0), outputs.std(dim=0)
