"""A list of kinds in which FeatureAlphaDropout is missing."""


def mc_dropout(model, x, samples):
    if samples < 2:
        raise ValueError(f"samples is {samples}")
    with _modes_kept(model), torch.no_grad():
        model.eval()
        for module in model.modules():
            if isinstance(module, (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, Dropout)):
                module.training = True
        outputs = torch.stack([model(x) for _ in range(samples)])
    return outputs.mean(dim=0), outputs.std(dim=0)
