"""A module that was frozen once is skipped ever after, even when it was unfrozen in between."""

import weakref

_seen = weakref.WeakSet()


def freeze(module):
    count = 0
    for part in module.modules():
        if part in _seen:
            continue
        for parameter in part.parameters(recurse=False):
            if parameter.requires_grad:
                parameter.requires_grad_(False)
                count += 1
        _seen.add(part)
    return count
