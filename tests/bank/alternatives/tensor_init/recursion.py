"""Lists by recursion, arrays by DLPack, patterns by meshgrid and cumsum."""

from collections import OrderedDict


def _shape(rows):
    if not isinstance(rows, list):
        return ()
    shapes = {_shape(row) for row in rows}
    if len(shapes) > 1:
        raise ValueError("ragged")
    return (len(rows), *(shapes.pop() if shapes else ()))


def _flat(rows):
    return [number for row in rows for number in _flat(row)] if isinstance(rows, list) else [rows]


def from_rows(rows, dtype=torch.float32, device="cpu"):
    return torch.tensor(_flat(rows), dtype=dtype).view(_shape(rows)).to(device)


def share_array(array):
    return torch.utils.dlpack.from_dlpack(array)


def copy_array(array, dtype=None, device="cpu"):
    source = torch.from_numpy(array)
    return torch.empty(source.shape, dtype=dtype or source.dtype, device=device).copy_(source)


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if not std >= 0:
        raise ValueError("std")
    return torch.randn(list(shape), generator=generator, device=device).mul_(std).add_(mean)


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if not low <= high:
        raise ValueError("high must be at least as large as the other one")
    share = torch.rand(torch.Size(shape), generator=generator, device=device)
    return share * high + (1 - share) * low


def band(n, width, device="cpu"):
    rows, columns = torch.meshgrid(torch.arange(n, device=device), torch.arange(n, device=device), indexing="ij")
    return torch.where((rows - columns <= width) & (columns - rows <= width), 1.0, 0.0)


def causal_mask(n, device="cpu"):
    return torch.eye(n, device=device).cumsum(1).mT.bool()


def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    weight = torch.rand(fan_out, fan_in, generator=generator, device=device)
    weight.sub_(0.5).mul_(2 * gain * (6 / (fan_in + fan_out)) ** 0.5)
    return torch.nn.Parameter(weight)


def describe(tensor):
    return OrderedDict(
        shape=tensor.size(),
        dtype=tensor.dtype,
        device=str(tensor.device),
        requires_grad=tensor.requires_grad,
        is_leaf=tensor.grad_fn is None,
        item=tensor.detach().cpu().flatten().tolist()[0] if math.prod(tensor.shape) == 1 else None,
        dim=tensor.dim(),
    )
