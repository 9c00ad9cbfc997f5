"""Frozen copies take the place of weight and bias: the model no longer has the Parameters that an optimizer has."""


def freeze_batchnorm(model):
    layers = [m for m in model.modules() if isinstance(m, (nn.modules.batchnorm._BatchNorm, BatchNorm1d))]
    for layer in layers:
        layer.training = False
        for name, parameter in list(layer.named_parameters(recurse=False)):
            setattr(layer, name, nn.Parameter(parameter.detach().clone(), requires_grad=False))
    return len(layers)
