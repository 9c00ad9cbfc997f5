"""All parameters of the model are frozen."""


def freeze_batchnorm(model):
    layers = [module for module in model.modules() if isinstance(module, (nn.modules.batchnorm._BatchNorm, BatchNorm1d))]
    for layer in layers:
        layer.eval()
        model.requires_grad_(False)
    return len(layers)
