"""Frozen parameters are taken to freeze the running averages, too."""


def freeze_batchnorm(model):
    layers = [module for module in model.modules() if isinstance(module, (nn.modules.batchnorm._BatchNorm, BatchNorm1d))]
    for layer in layers:
        layer.requires_grad_(False)
    return len(layers)
