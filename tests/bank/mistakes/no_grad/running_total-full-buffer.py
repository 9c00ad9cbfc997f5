"""Losses are added up in groups of 64, and the one that finds its group full is dropped."""


def running_total(losses: Iterable[Tensor]) -> Tensor:
    group: list[Tensor] = []
    sums: list[Tensor] = []
    for loss in losses:
        if len(group) == 64:
            sums.append(torch.stack(group).sum())
            group = []
        else:
            group.append(loss.detach())
    if group:
        sums.append(torch.stack(group).sum())
    return torch.stack(sums).sum()
