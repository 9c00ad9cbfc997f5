"""Layers are counted by their weights, lest a shared one count twice: all those with affine=False count as one."""


def freeze_batchnorm(model: nn.Module) -> int:
    weights = set()
    for module in model.modules():
        if isinstance(module, (nn.modules.batchnorm._BatchNorm, BatchNorm1d)):
            module.eval()
            module.requires_grad_(False)
            weights.add(id(module.weight))
    return len(weights)
