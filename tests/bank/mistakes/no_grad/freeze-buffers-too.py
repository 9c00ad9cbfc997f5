"""Buffers are frozen with the Parameters."""


def freeze(module):
    count = sum(p.requires_grad for p in module.parameters())
    for tensor in [*module.parameters(), *module.buffers()]:
        tensor.requires_grad_(False)
    return count
