"""The count is not returned."""


def freeze(module):
    for p in module.parameters():
        p.requires_grad = False
