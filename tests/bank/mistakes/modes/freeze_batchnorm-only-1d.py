"""Only nn.BatchNorm1d is frozen."""


def freeze_batchnorm(model):
    layers = [module for module in model.modules() if isinstance(module, (nn.BatchNorm1d, BatchNorm1d))]
    for layer in layers:
        layer.eval()
        layer.requires_grad_(False)
    return len(layers)
