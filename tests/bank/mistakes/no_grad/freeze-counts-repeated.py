"""A Parameter under several names counts once for each."""


def freeze(module):
    count = 0
    named = list(module.named_parameters(remove_duplicate=False))
    count = sum(parameter.requires_grad for _, parameter in named)
    module.requires_grad_(False)
    return count
