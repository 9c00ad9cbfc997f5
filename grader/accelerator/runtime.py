"""The registration of the device with torch, and the few places of torch's Python side that know no Python backend."""

from typing import cast

import torch
from torch.utils import backend_registration

from grader.accelerator import device, generators, kernels, memory, special
from grader.accelerator.memory import NAME

_libraries: list[torch.library.Library] = []  # kernels are unregistered when their library goes

# torch would run these in several steps: allocate and `out=`, or as other ops (layer norm as batch norm). Straight to
# the fallback they cost half, and none is refused where another is.
_DIRECT = """
    abs bitwise_not cos erf exp exp_ floor gelu log log1p neg reciprocal relu round rsqrt sigmoid sign sin sqrt sqrt_
    tanh add.Tensor add_.Tensor sub.Tensor sub_.Tensor mul.Tensor mul_.Tensor div.Tensor div_.Tensor maximum minimum
    eq.Tensor ne.Tensor lt.Tensor le.Tensor gt.Tensor ge.Tensor bitwise_and.Tensor bitwise_or.Tensor
    eq.Scalar ne.Scalar lt.Scalar le.Scalar gt.Scalar ge.Scalar pow.Tensor_Scalar pow.Tensor_Tensor
    addcmul addcmul_ addcdiv addcdiv_ lerp.Scalar lerp_.Scalar clamp clamp_min
    sum sum.dim_IntList mean mean.dim amax argmax any any.dim all all.dim linalg_vector_norm cumsum
    addmm baddbmm bmm mm cat gather index.Tensor index_add index_put_ scatter.src scatter.value sort.stable
    topk tril triu _log_softmax _log_softmax_backward_data _softmax _softmax_backward_data
    mse_loss mse_loss_backward nll_loss_forward nll_loss_backward gelu_backward
    sigmoid_backward tanh_backward threshold_backward native_layer_norm
""".split()  # noqa: SIM905 -- a list of a hundred quoted names is read by nobody


def install() -> None:
    """Registers the device; once a process. Starts no thread, so that the process may be forked afterwards."""
    if _libraries:
        return
    backend_registration._setup_privateuseone_for_python_backend(NAME, backend_module=device)
    memory.find_layout()
    _register_kernels()
    torch.Generator = generators.Generator  # type: ignore[misc]
    torch.UntypedStorage.clone = _clone_storage  # type: ignore[assignment, method-assign]
    if torch.accelerator.current_accelerator() == torch.device(NAME):
        torch._C._accelerator_synchronizeDevice = device.synchronize  # type: ignore[assignment]


def _register_kernels() -> None:
    everything = torch.library.Library("_", "IMPL")  # type: ignore[no-untyped-call]
    everything.fallback(kernels.compute, "PrivateUse1")  # type: ignore[no-untyped-call]
    everything.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")  # type: ignore[no-untyped-call]
    some = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]
    for name in _DIRECT:
        some.impl(name, kernels.direct(name), "PrivateUse1")  # type: ignore[no-untyped-call]
    for name, kernel in special.KERNELS.items():
        some.impl(name, kernel, "PrivateUse1")  # type: ignore[no-untyped-call]
    for mark in ("Conjugate", "Negative"):
        some.impl("_copy_from", torch.library.fallthrough_kernel, mark)  # type: ignore[no-untyped-call]
    some.impl("_pin_memory", special.pin_memory, "CPU")  # type: ignore[no-untyped-call]
    _libraries.extend((everything, some))


_clone_host_storage = torch.UntypedStorage.clone


def _clone_storage(storage: torch.UntypedStorage) -> torch.UntypedStorage:
    """Storages on the device can't be made by size alone, since it has no allocator."""
    if storage.device.type != NAME:
        return cast(torch.UntypedStorage, _clone_host_storage(storage))  # type: ignore[no-untyped-call]
    copy = memory.to_device(torch.empty(storage.nbytes(), dtype=torch.uint8, device="cpu")).untyped_storage()
    copy.copy_(storage, False)
    return copy
