"""Instance norms are frozen, too."""


def freeze_batchnorm(model):
    layers = [module for module in model.modules() if isinstance(module, (nn.modules.batchnorm._NormBase, BatchNorm1d))]
    for layer in layers:
        layer.eval()
        layer.requires_grad_(False)
    return len(layers)
