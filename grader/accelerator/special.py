"""Ops that the fallback can't take: copies across devices, memory of its own, cells without a CPU kernel, dropout."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.accelerator import generators
from grader.accelerator.kernels import CPU, aten, check_devices, host_device, replace
from grader.accelerator.memory import to_device, to_host


def empty(size: list[int], *, device: torch.device | None = None, pin_memory: Any = None, **kwargs: Any) -> Tensor:
    device = host_device(device or torch.device("cpu"))
    return to_device(aten.empty.memory_format(size, device=device, **kwargs))


def empty_strided(
    size: list[int], stride: list[int], *, device: torch.device | None = None, pin_memory: Any = None, **kwargs: Any
) -> Tensor:
    device = host_device(device or torch.device("cpu"))
    return to_device(aten.empty_strided.default(size, stride, device=device, **kwargs))


def zeros(size: list[int], **kwargs: Any) -> Tensor:
    """Forward mode's zeros that have no memory; here they have."""
    return empty(size, **kwargs).zero_()


@dataclass
class Copies:
    """Of more than a number; counted where they happen, on whatever thread: a dispatch mode sees its own only."""

    to_device: int = 0


copies = Copies()


def copy_from(source: Tensor, target: Tensor, non_blocking: bool = False) -> Tensor:
    aten.copy_.default.redispatch(CPU, _host(target), _host(source), False)
    if source.is_cpu and not target.is_cpu:
        copies.to_device += source.dim() > 0
    return target


def _host(tensor: Tensor) -> Tensor:
    """Lazy conjugation and negation are marks on the tensor, not in its memory."""
    host = tensor if tensor.is_cpu else to_host(tensor)
    if host.is_conj() is not tensor.is_conj():
        host = host.conj()
    return host if host.is_neg() is tensor.is_neg() else torch._neg_view(host)


def convolution_backward(grad: Tensor, x: Tensor, weight: Tensor, *options: Any) -> tuple[Tensor | None, ...]:
    transposed, groups = options[3], options[5]
    channels = weight.shape[1] * groups if transposed else weight.shape[0]
    hosts = (to_host(grad), to_host(x), to_host(weight))
    grads = aten.convolution_backward.default(*hosts, [channels], *options)
    return tuple(None if g is None else to_device(g) for g in grads)


def convolution(x: Tensor, weight: Tensor, bias: Tensor | None, *options: Any) -> Tensor:
    check_devices(x, weight, bias)
    return to_device(
        aten.convolution.default(to_host(x), to_host(weight), None if bias is None else to_host(bias), *options)
    )


def resize_(tensor: Tensor, size: list[int], *, memory_format: Any = None) -> Any:
    """Growing takes new memory, so that other views of the old are left behind."""
    needed = (torch.Size(size).numel() + tensor.storage_offset()) * tensor.itemsize
    if needed > tensor.untyped_storage().nbytes():
        host = aten.empty.memory_format([torch.Size(size).numel()], dtype=tensor.dtype, device="cpu")
        host[: tensor.numel()].copy_(to_host(tensor).reshape(-1))
        replace(tensor, host)
    return aten.resize_.default.redispatch(CPU, tensor, size, memory_format=memory_format)


def native_dropout(x: Tensor, p: float, train: bool | None = True) -> tuple[Tensor, Tensor]:
    host = to_host(x)
    if train is False:
        return to_device(host.clone()), to_device(torch.ones_like(host, dtype=torch.bool))
    mask = torch.empty_like(host, dtype=torch.bool).bernoulli_(1 - p, generator=generators.default)
    scale = 1 / (1 - p) if p < 1 else 0.0
    return to_device(host * mask * scale), to_device(mask)


def to_copy(tensor: Tensor, *, non_blocking: bool = False, **options: Any) -> Tensor:
    """All copies block: one to the host that doesn't would want pinned memory, which only a real backend has."""
    composite = torch._C.DispatchKey.CompositeExplicitAutograd
    copy: Tensor = aten._to_copy.default._op_dk(composite, tensor, non_blocking=False, **options)
    return copy


def pin_memory(tensor: Tensor, device: Any = None) -> Tensor:
    return tensor.clone()


def not_left_aligned(tensor: Tensor, mask: Tensor) -> bool:
    """Keeps nn.TransformerEncoder from nested tensors, which DLPack can't carry."""
    return False


def lstm_cell(
    inputs: Tensor, hidden: Tensor, cell: Tensor, bias_i: Tensor | None = None, bias_h: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    check_devices(inputs, hidden, cell, bias_i, bias_h)
    gates = _gates(inputs, bias_i) + _gates(hidden, bias_h)
    i, f, g, o = gates.chunk(4, 1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    after = f * to_host(cell) + i * g
    workspace = torch.cat((i, f, g, o), 1)
    return to_device(o * after.tanh()), to_device(after), to_device(workspace)


def _gates(product: Tensor, bias: Tensor | None) -> Tensor:
    return to_host(product) if bias is None else to_host(product) + to_host(bias)


def _optional(tensor: Tensor | None) -> Tensor | float:
    return 0.0 if tensor is None else to_host(tensor)


def lstm_cell_backward(
    grad_hidden: Tensor | None, grad_cell: Tensor | None, before: Tensor, after: Tensor, workspace: Tensor, bias: bool
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    if grad_hidden is None and grad_cell is None:
        return None, None, None
    i, f, g, o = to_host(workspace).chunk(4, 1)
    squashed = to_host(after).tanh()
    grad_h = _optional(grad_hidden)
    grad_c = grad_h * o * (1 - squashed * squashed) + _optional(grad_cell)
    grads = torch.cat(
        (
            grad_c * g * i * (1 - i),
            grad_c * to_host(before) * f * (1 - f),
            grad_c * i * (1 - g * g),
            grad_h * squashed * o * (1 - o),
        ),
        1,
    )
    total = to_device(grads.sum(0)) if bias else None
    return to_device(grads), to_device(grad_c * f), total


def gru_cell(
    inputs: Tensor, hidden: Tensor, state: Tensor, bias_i: Tensor | None = None, bias_h: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    check_devices(inputs, hidden, state, bias_i, bias_h)
    ir, iz, inew = _gates(inputs, bias_i).chunk(3, 1)
    hr, hz, hnew = _gates(hidden, bias_h).chunk(3, 1)
    r, z = (ir + hr).sigmoid(), (iz + hz).sigmoid()
    n = (inew + r * hnew).tanh()
    before = to_host(state)
    workspace = torch.cat((r, z, n, before, hnew), 1)
    return to_device(n + z * (before - n)), to_device(workspace)


def gru_cell_backward(grad: Tensor, workspace: Tensor, bias: bool) -> tuple[Tensor | None, ...]:
    r, z, n, before, hnew = to_host(workspace).chunk(5, 1)
    g = to_host(grad)
    new = g * (1 - z) * (1 - n * n)
    update = g * (before - n) * z * (1 - z)
    reset = new * hnew * r * (1 - r)
    for_inputs = torch.cat((reset, update, new), 1)
    for_hidden = torch.cat((reset, update, new * r), 1)
    sums = (to_device(for_inputs.sum(0)), to_device(for_hidden.sum(0))) if bias else (None, None)
    return to_device(for_inputs), to_device(for_hidden), to_device(g * z), *sums


KERNELS = {
    "empty.memory_format": empty,
    "empty_strided": empty_strided,
    "_efficientzerotensor": zeros,
    "_copy_from": copy_from,
    "_to_copy": to_copy,
    "convolution_overrideable": convolution,
    "convolution_backward_overrideable": convolution_backward,
    "resize_": resize_,
    "native_dropout": native_dropout,
    "_nested_tensor_from_mask_left_aligned": not_left_aligned,
    "_thnn_fused_lstm_cell": lstm_cell,
    "_thnn_fused_lstm_cell_backward_impl": lstm_cell_backward,
    "_thnn_fused_gru_cell": gru_cell,
    "_thnn_fused_gru_cell_backward": gru_cell_backward,
}
