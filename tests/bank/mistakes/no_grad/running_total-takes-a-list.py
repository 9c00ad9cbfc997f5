"""The losses are indexed, as only a list can be."""


def running_total(losses):
    total = losses[0].detach().clone()
    for loss in losses[1:]:
        total += loss.detach()
    return total
