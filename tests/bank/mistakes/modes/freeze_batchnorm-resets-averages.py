"""The running averages are reset."""


def freeze_batchnorm(model):
    layers = [module for module in model.modules() if isinstance(module, (nn.modules.batchnorm._BatchNorm, BatchNorm1d))]
    for layer in layers:
        layer.eval()
        if getattr(layer, "running_mean", None) is not None:
            layer.running_mean.zero_()
            layer.running_var.fill_(1)
        layer.requires_grad_(False)
    return len(layers)
