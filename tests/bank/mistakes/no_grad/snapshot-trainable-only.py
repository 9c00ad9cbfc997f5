"""Frozen Parameters are left out."""


def snapshot(module):
    return {name: p.detach().clone() for name, p in module.named_parameters() if p.requires_grad}
