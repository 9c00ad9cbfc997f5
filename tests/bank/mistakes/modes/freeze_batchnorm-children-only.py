"""children() doesn't go deeper."""


def freeze_batchnorm(model):
    layers = [module for module in model.children() if isinstance(module, (nn.modules.batchnorm._BatchNorm, BatchNorm1d))]
    for layer in layers:
        layer.eval()
        layer.requires_grad_(False)
    return len(layers)
