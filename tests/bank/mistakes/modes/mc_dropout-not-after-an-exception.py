"""The modes are restored, but not when the model raises."""


def mc_dropout(model, x, samples):
    if samples < 2:
        raise ValueError(f"samples is {samples}")
    before = [(module, module.training) for module in model.modules()]
    with torch.no_grad():
        model.eval()
        for module in model.modules():
            if isinstance(module, (nn.modules.dropout._DropoutNd, Dropout)):
                module.train()
        outputs = torch.stack([model(x) for _ in range(samples)])
    for module, flag in before:
        module.training = flag
    return outputs.mean(dim=0), outputs.std(dim=0)
