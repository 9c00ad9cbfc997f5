"""x is repeated along the batch and passed once."""


def mc_dropout(model, x, samples):
    if samples < 2:
        raise ValueError(f"samples is {samples}")
    with _modes_kept(model), torch.no_grad():
        model.eval()
        for module in model.modules():
            if isinstance(module, (nn.modules.dropout._DropoutNd, Dropout)):
                module.train()
        outputs = model(x.repeat(samples, *[1] * (x.dim() - 1)))
        outputs = outputs.reshape(samples, len(x), *outputs.shape[1:])
    return outputs.mean(dim=0), outputs.std(dim=0)
