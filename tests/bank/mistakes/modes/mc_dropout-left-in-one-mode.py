"""Afterwards the model's own flag is given to all submodules."""


def mc_dropout(model, x, samples):
    if samples < 2:
        raise ValueError(f"samples is {samples}")
    before = model.training
    with torch.no_grad():
        model.eval()
        for module in model.modules():
            if isinstance(module, (nn.modules.dropout._DropoutNd, Dropout)):
                module.train()
        outputs = torch.stack([model(x) for _ in range(samples)])
    model.train(before)
    return outputs.mean(dim=0), outputs.std(dim=0)
