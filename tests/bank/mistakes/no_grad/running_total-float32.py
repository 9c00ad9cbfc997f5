"""The total is kept in float32 whatever the losses are."""


def running_total(losses):
    total = None
    for loss in losses:
        if total is None:
            total = torch.zeros((), device=loss.device)
        total += loss.detach()
    return total
