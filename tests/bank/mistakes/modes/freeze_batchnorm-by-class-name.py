"""Layers are chosen by the name of their class."""


def freeze_batchnorm(model):
    layers = [module for module in model.modules() if "BatchNorm" in type(module).__name__]
    for layer in layers:
        layer.eval()
        layer.requires_grad_(False)
    return len(layers)
