"""Indexing with two index tensors copies."""


def diagonal(x):
    index = torch.arange(min(x.shape))
    return x[index, index]
