"""samples is checked when the model is in eval mode already."""


def mc_dropout(model, x, samples):
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    if samples < 2:
        raise ValueError(f"samples is {samples}")
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.modules.dropout._DropoutNd, Dropout)):
                module.train()
        outputs = torch.stack([model(x) for _ in range(samples)])
    for module, flag in before:
        module.training = flag
    return outputs.mean(dim=0), outputs.std(dim=0)
