"""Layers are compared by exact type, so that subclasses are left out."""


def freeze_batchnorm(model):
    layers = [module for module in model.modules() if type(module) in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm, BatchNorm1d)]
    for layer in layers:
        layer.eval()
        layer.requires_grad_(False)
    return len(layers)
