"""Recursive walks over the private registers, and a recursion over the blocks."""

import collections


class ResidualMLP(nn.Module):
    class Block(nn.Module):
        def __init__(self, dim):
            super().__init__()
            self.down = nn.Linear(dim, dim)  # used second
            self.up = nn.Linear(dim, dim)  # used first

        def forward(self, x):
            return self.down(self.up(x).clamp(min=0))

    def __init__(self, dim, depth):
        super().__init__()
        self.blocks = nn.ModuleList(self.Block(dim) for _ in range(depth))

    def forward(self, x, start=0):
        if start == len(self.blocks):
            return x
        return self.forward(x + self.blocks[start](x), start + 1)


def count_parameters(model, trainable_only=False):
    def walk(module):
        found = {id(p): p for p in module._parameters.values() if p is not None}
        for child in module.children():
            found |= walk(child)
        return found

    return sum(map(torch.numel, (p for p in walk(model).values() if not trainable_only or p.requires_grad)))


def collect_state(model, prefix="", found=None):
    found = collections.OrderedDict() if found is None else found
    for name, parameter in model._parameters.items():
        if parameter is not None:
            found[prefix + name] = parameter.data
    for name, buffer in model._buffers.items():
        if buffer is None or name in model._non_persistent_buffers_set:
            continue
        found[prefix + name] = buffer.data
    for name, child in model._modules.items():
        if child is not None:
            collect_state(child, f"{prefix}{name}.", found)
    return found
