"""Layers without affine parameters are left out."""


def freeze_batchnorm(model):
    layers = [module for module in model.modules() if isinstance(module, (nn.modules.batchnorm._BatchNorm, BatchNorm1d)) and module.weight is not None]
    for layer in layers:
        layer.eval()
        layer.requires_grad_(False)
    return len(layers)
