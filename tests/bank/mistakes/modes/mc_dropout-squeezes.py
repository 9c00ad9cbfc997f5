"""A batch of one example loses its dim."""


def mc_dropout(model, x, samples):
    if samples < 2:
        raise ValueError(f"samples is {samples}")
    with _modes_kept(model), torch.no_grad():
        model.eval()
        for module in model.modules():
            if isinstance(module, (nn.modules.dropout._DropoutNd, Dropout)):
                module.training = True
        outputs = torch.stack([model(x) for _ in range(samples)]).squeeze(1)
    return outputs.mean(dim=0), outputs.std(dim=0)
