"""What is frozen is not copied."""


def snapshot(module):
    return {name: p.detach().clone() if p.requires_grad else p for name, p in module.named_parameters()}
