"""Parameters are told apart by where they lie: those without elements count as one."""


def freeze(module):
    unique = {p.data_ptr(): p for p in module.parameters() if p.requires_grad}
    for p in unique.values():
        p.requires_grad = False
    return len(unique)
