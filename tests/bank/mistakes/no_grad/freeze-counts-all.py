"""All Parameters are counted, those that were frozen before as well."""


def freeze(module):
    module.requires_grad_(False)
    return len(list(module.parameters()))
