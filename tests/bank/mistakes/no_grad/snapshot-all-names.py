"""A tied Parameter stands under all of its names."""


def snapshot(module):
    return {name: p.detach().clone() for name, p in module.named_parameters(remove_duplicate=False)}
