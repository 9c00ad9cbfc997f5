"""Only the module's own Parameters are frozen, not those of its submodules."""


def freeze(module):
    trainable = [p for p in module.parameters(recurse=False) if p.requires_grad]
    for p in trainable:
        p.requires_grad_(False)
    return len(trainable)
