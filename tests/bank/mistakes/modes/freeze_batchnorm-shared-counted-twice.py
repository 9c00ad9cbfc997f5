"""A shared layer is counted twice."""


def freeze_batchnorm(model):
    layers = [module for _, module in model.named_modules(remove_duplicate=False) if isinstance(module, (nn.modules.batchnorm._BatchNorm, BatchNorm1d))]
    for layer in layers:
        layer.eval()
        layer.requires_grad_(False)
    return len(layers)
