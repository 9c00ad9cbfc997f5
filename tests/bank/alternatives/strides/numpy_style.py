"""NumPy where it will do: cumulative products, dot products, shared memory."""
import numpy as np


def row_major_strides(shape):
    sizes = np.maximum(np.asarray(tuple(shape), dtype=np.int64), 1)
    return tuple(np.append(np.cumprod(sizes[:0:-1])[::-1], 1)) if len(sizes) else ()


def offset_of(index, stride, storage_offset=0):
    if np.shape(index) != np.shape(stride):
        raise ValueError
    return np.dot(np.asarray(index, dtype=np.int64), np.asarray(stride, dtype=np.int64)) + storage_offset


def is_row_major(shape, stride):
    places = np.zeros(1, dtype=np.int64)
    for n, s in zip(shape, stride):
        places = (places[:, None] + np.arange(n) * s).reshape(-1)
    return np.array_equal(places, np.arange(places.size))


def flat_view(x):
    flat = torch.flatten(x)
    probe = x.detach().numpy()
    if x.numel() and not np.shares_memory(probe, flat.detach().numpy()):
        raise ValueError("only a copy of the tensor is flat")
    return flat


def reshape_copies(x, shape):
    if x.numel() == 0:
        return np.False_
    return np.bool_(not np.shares_memory(x.numpy(), x.reshape(tuple(shape)).numpy()))


def pack_transpose(x):
    return torch.from_numpy(np.array(x.detach().numpy().T, order="C"))


def diagonal(x):
    square = min(x.shape)
    return torch.einsum("ii->i", x[:square, :square])
