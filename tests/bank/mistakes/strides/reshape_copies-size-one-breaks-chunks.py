"""A dim of size 1 with an odd stride keeps the dims around it from being merged."""


def reshape_copies(x, shape):
    if x.numel() == 0:
        return False
    chunks = []
    for size, step in zip(reversed(x.shape), reversed(x.stride())):
        if chunks and chunks[-1][1] == step:
            chunks[-1] = (chunks[-1][0] * size, step * size)
        else:
            chunks.append((size, step * size))
    left = list(shape)
    for count, _ in chunks:
        filled = 1
        while filled < count:
            filled *= left.pop()
        if filled != count:
            return True
    return False
