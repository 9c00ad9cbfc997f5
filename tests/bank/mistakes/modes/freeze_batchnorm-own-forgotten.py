"""This module's own BatchNorm1d is left out."""


def freeze_batchnorm(model):
    layers = [module for module in model.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    for layer in layers:
        layer.eval()
        layer.requires_grad_(False)
    return len(layers)
