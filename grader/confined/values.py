"""Python values and tensors as a header tree and raw bytes, and back.

JSON's own types stand for themselves. Everything else is an object with one key, which names its form: tuple, dict,
tensor, array, dtype, device, size, bytes, complex, generator. What has no form here is sent as {"object": its type}.

A request carries a tensor with its whole layout, so that a strided input arrives strided. A reply carries values and
describes the layout beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.confined.wire import WireError

MAX_DEPTH = 40
MAX_ITEMS = 1_000_000
MAX_BITS = 1000  # of an integer: a float holds up to 1024
MAX_KEYS = 5000  # of all mappings of a value, other than text: numbers of one hash would take quadratic time
ALIGNMENT = 16

DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name)
    for name in (
        *("float16", "bfloat16", "float32", "float64", "complex64", "complex128", "bool"),
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    )
}
DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}

# Bound now, before a student's module can replace them.
_detach, _cpu, _contiguous, _view = Tensor.detach, Tensor.cpu, Tensor.contiguous, Tensor.view
_stride, _offset, _size, _numpy = Tensor.stride, Tensor.storage_offset, Tensor.size, Tensor.numpy
_storage, _as_strided, _reshape = Tensor.untyped_storage, Tensor.as_strided, Tensor.reshape
_resolve_conj, _resolve_neg = Tensor.resolve_conj, Tensor.resolve_neg
_requires_grad, _is_leaf, _dtype, _device, _layout = (
    vars(torch._C.TensorBase)[name].__get__ for name in ("requires_grad", "is_leaf", "dtype", "device", "layout")
)
_numel, _clone, _ROW_MAJOR = Tensor.numel, Tensor.clone, torch.contiguous_format
_empty, _frombuffer = torch.empty, torch.frombuffer
_Tensor, _Parameter, _Buffer = Tensor, torch.nn.Parameter, torch.nn.Buffer
_type, _isinstance, _str, _len = type, isinstance, str, len
_no_torch_function = torch._C.DisableTorchFunctionSubclass


@dataclass(frozen=True)
class Seen:
    """A tensor that came back: its values on the CPU, and what the child saw of the original."""

    data: Tensor
    device: str
    requires_grad: bool
    is_leaf: bool
    stride: tuple[int, ...]
    offset: int
    kind: str

    @property
    def dtype(self) -> torch.dtype:
        return self.data.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.data.shape)


@dataclass(frozen=True)
class Foreign:
    """A value that the format has no form for: only the name of its type came back."""

    type_name: str


@dataclass(frozen=True)
class Seeded:
    """In a request: a fresh `torch.Generator` with this seed, on this device."""

    seed: int
    device: str = "cpu"


@dataclass(frozen=True)
class OnDevice:
    """In a request: a tensor that is moved to this device on arrival, outside of any trace."""

    tensor: Tensor
    device: str


class Encoder:
    """Builds the header tree of one value and gathers the bytes of its tensors."""

    def __init__(self, *, layout: bool) -> None:
        self.layout = layout
        self.body = bytearray()
        self.items = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise WireError("the value is nested too deeply or has too many items")
        kind = _type(value)
        if value is None or kind in (bool, int, float, str):
            return value
        if _isinstance(value, _Tensor):
            return self._tensor(value)
        return self._container(value, depth) or self._other(value)

    def _container(self, value: Any, depth: int) -> Any:
        # The base classes' own iteration: a subclass may say one thing and hold another.
        if _isinstance(value, torch.Size):
            return {"size": [int(n) for n in tuple.__iter__(value)]}
        if _isinstance(value, tuple):
            return {"tuple": [self.encode(item, depth + 1) for item in tuple.__iter__(value)]}
        if _isinstance(value, list):
            return {"list": [self.encode(item, depth + 1) for item in list.__iter__(value)]}
        if _isinstance(value, dict):
            pairs = [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in dict.items(value)]
            return {"dict": pairs}
        return None

    def _other(self, value: Any) -> Any:
        if _isinstance(value, torch.dtype):
            return {"dtype": DTYPE_NAMES.get(value, "other")}
        if _isinstance(value, torch.device):
            return {"device": _str(value)}
        if _isinstance(value, np.ndarray):
            return self._array(value)
        if _isinstance(value, np.generic):
            return self._array(np.ndarray.__new__(np.ndarray, (), value.dtype, value.tobytes()))
        if _isinstance(value, Seeded):
            return {"generator": [value.seed, value.device]}
        if _isinstance(value, OnDevice):
            return {"moved": [self.encode(value.tensor), value.device]}
        return self._scalar(value)

    def _scalar(self, value: Any) -> Any:
        if _isinstance(value, (bytes, bytearray)):
            return {"bytes": self._append(bytes(value))}
        # Subclasses (IntEnum, np.float64, a liar): the value that the base class holds.
        if _isinstance(value, int):
            return int.__add__(value, 0)
        if _isinstance(value, float):
            return float.__add__(value, 0.0)
        if _isinstance(value, str):
            return str.__str__(value)
        if _isinstance(value, complex):
            return {"complex": [complex.__add__(value, 0).real, complex.__add__(value, 0).imag]}
        return {"object": _type(value).__qualname__[:200]}

    def _array(self, value: np.ndarray[Any, Any]) -> Any:
        if value.dtype.hasobject or value.dtype.name not in DTYPES:
            return {"object": f"numpy array of {value.dtype.name}"[:200]}
        data = np.ascontiguousarray(value)
        shape = [int(n) for n in value.shape]
        return {"array": {"dtype": value.dtype.name, "shape": shape, "at": self._append(data.tobytes())}}

    def _tensor(self, value: Tensor) -> Any:
        with _no_torch_function():
            plain = _detach(value)
            if _layout(plain) is not torch.strided or _dtype(plain) not in DTYPE_NAMES:
                return {"object": f"tensor of {_layout(plain)} layout, {_dtype(plain)}"}
            described = {
                "dtype": DTYPE_NAMES[_dtype(plain)],
                "shape": list(_size(plain)),
                "stride": list(_stride(value)),
                "offset": int(_offset(value)),
                "device": _str(_device(value)),
                "grad": bool(_requires_grad(value)),
                "leaf": bool(_is_leaf(value)),
                "kind": _kind(value),
            }
            if self.layout:
                return {"laid": described | {"at": self._append(_storage_bytes(plain))}}
            values = _packed(_resolve_neg(_resolve_conj(_cpu(plain))))
            if _type(values) is not _Tensor:
                return {"object": _type(value).__qualname__[:200]}
            return {"tensor": described | {"at": self._append(_raw(values))}}

    def _append(self, data: bytes | memoryview) -> list[int]:
        start = _len(self.body)
        self.body += data
        end = _len(self.body)
        self.body += bytes(-end % ALIGNMENT)
        return [start, end - start]


def _kind(value: Tensor) -> str:
    if _isinstance(value, _Parameter):
        return "Parameter"
    if _type(value) is _Tensor or _isinstance(value, _Buffer):
        return "Tensor"
    return "Tensor" if _type(value).__module__.startswith("grader.accelerator") else _type(value).__qualname__[:200]


def _packed(plain: Tensor) -> Tensor:
    """Row-major in its own memory. A size-1 dim may have any stride and still be called contiguous."""
    stride = _stride(plain)
    return _contiguous(plain) if not stride or stride[-1] == 1 else _clone(plain, memory_format=_ROW_MAJOR)


def _raw(values: Tensor) -> bytes | memoryview:
    """The bytes of a contiguous CPU tensor."""
    if _numel(values) == 0:
        return b""
    return memoryview(_numpy(_view(_reshape(values, (-1,)), torch.uint8)))  # type: ignore[arg-type]


def _storage_bytes(plain: Tensor) -> bytes | memoryview:
    storage = _storage(plain)
    if storage.nbytes() == 0:
        return b""
    whole = _empty(0, dtype=torch.uint8).set_(storage)
    return memoryview(_numpy(whole))  # type: ignore[arg-type]


class Decoder:
    """Rebuilds a value from a header tree and the body's bytes; everything is checked first.

    With `layout` it reads a request (tensors come out as laid out by the sender), else a reply (tensors as Seen).
    """

    def __init__(self, body: bytearray, *, layout: bool) -> None:
        self.body = body
        self.layout = layout
        self.left = len(body)
        self.keys = 0  # other than text, which nobody makes to collide

    def decode(self, tree: Any, depth: int = 0) -> Any:
        if depth > MAX_DEPTH:
            raise WireError("the value is nested too deeply")
        if isinstance(tree, int) and tree.bit_length() > MAX_BITS:
            raise WireError(f"an integer of more than {MAX_BITS} bits")
        if tree is None or isinstance(tree, (bool, int, float, str)):
            return tree
        if not isinstance(tree, dict) or len(tree) != 1:
            raise WireError("not a value")
        ((form, content),) = tree.items()
        reader = getattr(self, f"_read_{form}", None)
        if reader is None:
            raise WireError(f"no such form: {form[:40]!r}")
        return reader(content, depth + 1)

    def _items(self, content: Any, depth: int) -> list[Any]:
        if not isinstance(content, list):
            raise WireError("not a sequence")
        return [self.decode(item, depth) for item in content]

    def _read_list(self, content: Any, depth: int) -> list[Any]:
        return self._items(content, depth)

    def _read_tuple(self, content: Any, depth: int) -> tuple[Any, ...]:
        return tuple(self._items(content, depth))

    def _read_dict(self, content: Any, depth: int) -> dict[Any, Any]:
        if not isinstance(content, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in content):
            raise WireError("not a mapping")
        self.keys += sum(not isinstance(key, str) for key, _ in content)
        if self.keys > MAX_KEYS:
            raise WireError(f"mappings with more than {MAX_KEYS} keys that are no text")
        try:
            return {self.decode(key, depth): self.decode(value, depth) for key, value in content}
        except TypeError:
            raise WireError("a key that can't be hashed") from None

    def _read_size(self, content: Any, depth: int) -> torch.Size:
        return torch.Size(_integers(content))

    def _read_dtype(self, content: Any, depth: int) -> torch.dtype | Foreign:
        return DTYPES.get(content, Foreign("dtype")) if isinstance(content, str) else Foreign("dtype")

    def _read_device(self, content: Any, depth: int) -> torch.device:
        try:
            return torch.device(_text(content))
        except RuntimeError:
            raise WireError("no such device") from None

    def _read_bytes(self, content: Any, depth: int) -> bytes:
        return bytes(self._buffer(content))

    def _read_complex(self, content: Any, depth: int) -> complex:
        if not isinstance(content, list) or len(content) != 2 or not all(isinstance(part, float) for part in content):
            raise WireError("not a complex number")
        return complex(*content)

    def _read_object(self, content: Any, depth: int) -> Foreign:
        return Foreign(_text(content))

    def _read_generator(self, content: Any, depth: int) -> torch.Generator:
        self._only_in_requests()
        return torch.Generator(content[1]).manual_seed(content[0])

    def _read_moved(self, content: Any, depth: int) -> Tensor:
        self._only_in_requests()
        tensor: Tensor = self.decode(content[0], depth)
        return tensor.detach().to(content[1]).requires_grad_(tensor.requires_grad)

    def _read_array(self, content: Any, depth: int) -> np.ndarray[Any, Any]:
        values, _ = self._values(content)
        return values.numpy()

    def _read_tensor(self, content: Any, depth: int) -> Seen:
        values, described = self._values(content)
        return Seen(
            data=values,
            device=_text(described.get("device")),
            requires_grad=described.get("grad") is True,
            is_leaf=described.get("leaf") is True,
            stride=tuple(_integers(described.get("stride"))),
            offset=_integers([described.get("offset")])[0],
            kind=_text(described.get("kind")),
        )

    def _read_laid(self, content: Any, depth: int) -> Tensor:
        self._only_in_requests()
        storage = _frombuffer(self._buffer(content["at"]) or bytearray(ALIGNMENT), dtype=torch.uint8)
        flat = _empty(0, dtype=DTYPES[content["dtype"]]).set_(storage.untyped_storage())
        tensor = _as_strided(flat, content["shape"], content["stride"], content["offset"])
        return tensor.requires_grad_(content["grad"]) if content["grad"] else tensor

    def _values(self, content: Any) -> tuple[Tensor, dict[str, Any]]:
        if not isinstance(content, dict) or content.get("dtype") not in DTYPES:
            raise WireError("not a tensor")
        dtype, shape = DTYPES[content["dtype"]], _integers(content.get("shape"))
        data = self._buffer(content.get("at"))
        count = _count(shape)
        if count * dtype.itemsize != len(data):
            raise WireError("the shape and the bytes of a tensor don't agree")
        if count == 0:
            return _reshape(_empty(0, dtype=dtype), shape), content
        if dtype is torch.bool and int(_frombuffer(data, dtype=torch.uint8).max()) > 1:
            raise WireError("a bool that is neither 0 nor 1")
        return _reshape(_frombuffer(data, dtype=dtype), shape), content

    def _buffer(self, at: Any) -> bytearray:
        start, length = _integers(at) if isinstance(at, list) and len(at) == 2 else (-1, -1)
        if start < 0 or start + length > len(self.body):
            raise WireError("bytes that are not there")
        self.left -= length
        if self.left < 0:  # a few bytes must not become many tensors
            raise WireError("bytes that are used twice")
        return self.body[start : start + length]

    def _only_in_requests(self) -> None:
        if not self.layout:
            raise WireError("not allowed in a reply")


def _integers(content: Any) -> list[int]:
    if not isinstance(content, list) or len(content) > 64:
        raise WireError("not a short list of integers")
    if not all(type(n) is int and 0 <= n < 1 << 48 for n in content):
        raise WireError("not a list of sizes")
    return content


def _count(shape: Sequence[int]) -> int:
    count = 1
    for n in shape:
        count *= max(n, 1)
    if count >= 1 << 48:
        raise WireError("a shape beyond all memory")
    return 0 if 0 in shape else count


def _text(content: Any) -> str:
    if not isinstance(content, str) or len(content) > 10_000:
        raise WireError("not a short text")
    return content


def encode(value: Any, *, layout: bool) -> tuple[Any, bytearray]:
    """(header tree, body) of a value."""
    encoder = Encoder(layout=layout)
    return encoder.encode(value), encoder.body


def decode(tree: Any, body: bytearray, *, layout: bool) -> Any:
    """The value of a header tree; raises WireError on anything that is not well formed."""
    try:
        return Decoder(body, layout=layout).decode(tree)
    except WireError:
        raise
    except (RuntimeError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise WireError(f"{type(error).__name__} while reading a value") from None


def tensors_in(value: Any) -> list[Seen]:
    """All tensors of a decoded reply, in order."""
    if isinstance(value, Seen):
        return [value]
    if isinstance(value, Mapping):
        return [seen for item in value.values() for seen in tensors_in(item)]
    if isinstance(value, (list, tuple)):
        return [seen for item in value for seen in tensors_in(item)]
    return []
