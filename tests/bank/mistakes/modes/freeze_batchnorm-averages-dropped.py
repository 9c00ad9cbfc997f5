"""Running averages are switched off and thrown away, so that every batch is normalized by itself."""


def freeze_batchnorm(model):
    layers = [m for m in model.modules() if isinstance(m, (nn.modules.batchnorm._BatchNorm, BatchNorm1d))]
    for layer in layers:
        layer.training = False
        layer.requires_grad_(False)
        layer.track_running_stats = False
        layer.running_mean = layer.running_var = None
    return len(layers)
