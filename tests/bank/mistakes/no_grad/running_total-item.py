"""Every value is read back to Python."""


def running_total(losses):
    losses = list(losses)
    return torch.tensor(sum(loss.item() for loss in losses), dtype=losses[0].dtype, device=losses[0].device)
