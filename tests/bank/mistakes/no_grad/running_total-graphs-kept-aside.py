"""The losses are kept in a list of the module."""


_seen = []


def running_total(losses):
    total = 0
    for loss in losses:
        _seen.append(loss)
        total = total + loss.detach()
    return total
