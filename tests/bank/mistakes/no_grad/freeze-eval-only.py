"""eval() is taken to stop gradients."""


def freeze(module):
    count = sum(p.requires_grad for p in module.parameters())
    module.eval()
    return count
