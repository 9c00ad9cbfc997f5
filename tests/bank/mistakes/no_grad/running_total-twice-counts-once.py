"""The losses go into a set: one that stands twice in the list is added once."""


def running_total(losses):
    return torch.stack([loss.detach() for loss in dict.fromkeys(losses)]).sum()
