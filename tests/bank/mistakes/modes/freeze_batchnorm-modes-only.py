"""The affine parameters are still trained."""


def freeze_batchnorm(model):
    layers = [module for module in model.modules() if isinstance(module, (nn.modules.batchnorm._BatchNorm, BatchNorm1d))]
    for layer in layers:
        layer.eval()
    return len(layers)
