"""Device memory is host memory under another label.

A tensor on the simulated device is a plain `torch.Tensor` whose storage points at memory that a CPU tensor owns. Both
labels of one memory are made by DLPack, whose header names the device in a fixed place. So views, `.data`, Parameters,
saved tensors and version counters are torch's own, and a write through a view shows without any help.
"""

import ctypes

import torch

NAME = "sim"
PRIVATE_USE = 20  # c10::DeviceType::PrivateUse1
_CPU, _EXTENSION = 1, 12  # kDLCPU and kDLExtDev of dlpack.h; torch reads the latter as its PrivateUse1 device
_DEVICE = ctypes.sizeof(ctypes.c_void_p)  # in DLTensor, the device follows the data pointer
_KEYS_WITHIN = 192  # bytes of a TensorImpl that are searched for its key set

_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
_export = torch._C._to_dlpack
_import = torch._C._from_dlpack
_label = ctypes.c_int32.from_address
_word = ctypes.c_uint64.from_address
_byte = ctypes.c_int8.from_address


class _Layout:
    """Where this build of torch keeps two fields; found, and proved by torch's own accessors, at install."""

    tensor_keys = 0
    generator_device = 0
    cpu_bit = 0


def raw_keys(tensor: torch.Tensor) -> int:
    return torch._C._dispatch_keys(tensor).raw_repr()


def relabel(tensor: torch.Tensor, device: int) -> torch.Tensor:
    capsule = _export(tensor)
    _label(_pointer(capsule, b"dltensor") + _DEVICE).value = device
    return _import(capsule)


def to_host(tensor: torch.Tensor) -> torch.Tensor:
    """The same memory as a CPU tensor. Its storage begins at the tensor's first element."""
    return relabel(tensor, _CPU)


def to_device(tensor: torch.Tensor) -> torch.Tensor:
    """The same memory as a device tensor.

    Its key set also has the CPU's bit, which loses to the device's in every dispatch. But it makes the two devices
    compatible for `.data =`, as the CPU and CUDA are, and so `module.to()` keeps its Parameters.
    """
    labelled = relabel(tensor, _EXTENSION)
    _word(labelled._cdata + _Layout.tensor_keys).value |= _Layout.cpu_bit
    return labelled


def set_generator_device(generator: torch.Generator, label: tuple[int, int]) -> None:
    address: int = generator._cdata + _Layout.generator_device  # type: ignore[attr-defined]
    _byte(address).value, _byte(address + 1).value = label


def find_layout() -> None:
    cpu, other = torch._C.DispatchKey.CPU, torch._C.DispatchKey.CUDA
    dense = torch._C.DispatchKeySet(cpu).raw_repr() & torch._C.DispatchKeySet(other).raw_repr()
    _Layout.cpu_bit = torch._C.DispatchKeySet(cpu).raw_repr() & ~dense
    _Layout.tensor_keys = _find_keys(relabel(torch.empty(0), _EXTENSION))
    _Layout.generator_device = _find_generator_device(torch._C.Generator())


def _find_keys(tensor: torch.Tensor) -> int:
    keys = raw_keys(tensor)
    for offset in range(0, _KEYS_WITHIN, 8):
        field = _word(tensor._cdata + offset)
        if field.value == keys and _proved(tensor, field, keys):
            return offset
    raise RuntimeError(f"torch {torch.__version__}: where a tensor keeps its dispatch keys is unknown")


def _proved(tensor: torch.Tensor, field: ctypes.c_uint64, keys: int) -> bool:
    field.value = keys | _Layout.cpu_bit
    found = raw_keys(tensor) == keys | _Layout.cpu_bit
    field.value = keys
    return found


def _find_generator_device(generator: torch.Generator) -> int:
    keys = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU).raw_repr()
    address: int = generator._cdata  # type: ignore[attr-defined]
    for offset in range(16, 128, 8):  # GeneratorImpl: device_ (type and index, a byte each), then key_set_
        device = _byte(address + offset)
        if _word(address + offset + 8).value == keys and device.value == 0:
            device.value = PRIVATE_USE
            found, device.value = generator.device.type == NAME, 0
            if found:
                return offset
    raise RuntimeError(f"torch {torch.__version__}: where a generator keeps its device is unknown")
