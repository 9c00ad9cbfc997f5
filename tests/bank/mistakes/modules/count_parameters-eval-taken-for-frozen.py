"""trainable_only leaves out the parameters of modules in eval mode as well."""

def count_parameters(model: nn.Module, trainable_only: bool = False) -> int:
    counted = {}
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            if not trainable_only or (parameter.requires_grad and module.training):
                counted[id(parameter)] = parameter.numel()
    return sum(counted.values())
