"""The elements are right, but stacked into new memory."""


def diagonal(x):
    n = min(x.shape)
    return torch.stack([x[i, i] for i in range(n)]) if n else x.new_empty(0)
