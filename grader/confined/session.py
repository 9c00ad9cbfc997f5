"""One student's module and the requests about it. It runs in the confined child, or in process for authors."""

import builtins
import importlib
import random
import sys
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.random  # numpy imports it at first use, which is too late once a child is confined
import torch
from torch.utils._device import DeviceContext

from grader import accelerator
from grader.confined import breakout, loading, probing, tampering, values, wire

_Probe = Callable[..., Any]
_pack, _alarm, _encode, _decode = wire.pack, wire.alarm, values.encode, values.decode
_changes = tampering.Snapshot.changes
_count_function_modes, _function_mode = torch._C._len_torch_function_stack, torch._C._get_function_stack_at
_count_dispatch_modes, _numbers, _DeviceContext = torch._C._len_torch_dispatch_stack, range, DeviceContext
_SETTINGS = {
    "the default dtype": torch.get_default_dtype,
    "the default device": torch.get_default_device,
    "grad mode": torch.is_grad_enabled,
    "inference mode": torch.is_inference_mode_enabled,
}
_name_of, _bases_of = (vars(type)[name].__get__ for name in ("__name__", "__mro__"))  # past any metaclass
_KNOWN = {
    kind.__name__: kind
    for kind in (*vars(builtins).values(), probing.Missing, probing.ForbiddenRoutine, wire.WireError)
    if isinstance(kind, type) and issubclass(kind, BaseException)
}


def import_probes(folder: Path) -> None:
    """All topics' probes, before any student module."""
    for path in sorted(folder.glob("*.py")):
        importlib.import_module(f"probes.{path.stem}")


def take_snapshot() -> tampering.Snapshot:
    """Of torch, Python, and the code of ours that looks at answers: all probes that are loaded by now, and classes."""
    ours: list[Any] = [
        module
        for name, module in sorted(sys.modules.items())
        if name.startswith(("probes.", "grader.confined.", "grader.accelerator"))
    ]
    classes = [found for module in ours for found in vars(module).values() if _defined_in(module, found)]
    return tampering.Snapshot([*ours, *classes, accelerator.Trace])


def _defined_in(module: types.ModuleType, found: Any) -> bool:
    return isinstance(found, type) and found.__module__ == module.__name__


class Session:
    """Answers frames with frames. Whatever student code does, the answer is a frame or the process is gone."""

    def __init__(self, snapshot: tampering.Snapshot | None = None, trespasses: Callable[[], list[str]] = list) -> None:
        self.snapshot = snapshot or take_snapshot()
        self.trespasses = trespasses
        self.module: types.ModuleType | None = None
        self.probes: types.ModuleType | None = None
        self.sources: dict[str, bytes] = {}
        self._operations: dict[str, Callable[..., Any]] = {
            "compile": loading.compiled,
            "load": self._load,
            "probe": self._probe,
            "break out": breakout.attempt_all,
        }

    def answer(self, request: dict[str, Any], body: bytearray) -> bytes:
        """The reply to one request; its header echoes the nonce."""
        reply: dict[str, Any] = {"nonce": request["nonce"]}
        content = bytearray()
        settings = _settings()
        try:
            arguments = _decode(request["value"], body, layout=True)
            value = self._operations[request["op"]](**arguments)
            reply["value"], content = _encode(value, layout=False)
        except BaseException as error:  # SystemExit and KeyboardInterrupt of student code are answers, too
            reply["raised"] = self._describe(error)
        if request["op"] == "probe":
            reply["left"] = [name for name, setting in _settings().items() if setting != settings[name]]
        changes, steps = [*_changes(self.snapshot), *_modes_left_on()], self.trespasses()
        if changes or steps:
            return _alarm(request["nonce"], changes[:10], steps)
        try:
            return _pack(reply, content)
        except wire.WireError as error:
            return _pack({"nonce": request["nonce"], "raised": self._describe(error)})

    def _load(self, topic: str, sources: dict[str, bytes], code: dict[str, bytes], seed: int, task: str) -> str:
        self.probes = sys.modules.get(f"probes.{topic}")
        self.sources = sources
        _reseed(seed)
        self.module = loading.load(topic, sources, code)
        return loading.kind_of(self.module, task)

    def _probe(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], seed: int) -> Any:
        probe: _Probe = getattr(self.probes, name, None) or getattr(probing, name)
        _reseed(seed)
        return probe(self.module, *args, **kwargs)

    def _describe(self, error: BaseException) -> dict[str, Any]:
        """What was raised, in plain values; student classes may misbehave when they are printed."""
        described: dict[str, Any] = {
            "type": _name(type(error)),
            "bases": [_name(base) for base in _bases_of(type(error))],
            "message": _safely(lambda: str(error))[:2000],
            "file": "",
            "line": None,
            "text": "",
            "function": "",
        }
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename.startswith(loading.MARK):
                described |= {"line": frame.lineno, "text": (frame.line or "")[:200], "function": frame.name[:200]}
                described["file"] = frame.filename.removeprefix(loading.MARK)[:200]
        if isinstance(error, SyntaxError):
            described |= _misspelt(error)
        if isinstance(error, NotImplementedError):
            described["fingerprints"] = self._fingerprints()
        return described

    def _fingerprints(self) -> dict[str, str]:
        name = self.module.__name__ if self.module else ""
        return loading.fingerprints(self.sources.get(name, b""))


def _misspelt(error: SyntaxError) -> dict[str, Any]:
    """Where a module can't be parsed, which may be another than the one that imports it."""
    name = _safely(lambda: str(error.filename))
    if not name.startswith(loading.MARK):
        return {}
    text = _safely(lambda: str(error.text or "")).strip().partition("\n")[0]
    place = {"file": name.removeprefix(loading.MARK)[:200], "line": error.lineno, "text": text[:200]}
    return place | {"message": _safely(lambda: str(error.msg))[:2000]}


def _settings() -> dict[str, str]:
    """Those of torch that hold everywhere, and that a task leaves as they are; a default device may be none at all."""
    return {name: _safely(setting) for name, setting in _SETTINGS.items()}


def _modes_left_on() -> list[str]:
    """A mode stands between every caller and torch, our observations included; that of a default device is harmless."""
    functions = [_function_mode(k) for k in _numbers(_count_function_modes())]
    if _count_dispatch_modes() or any(type(mode) is not _DeviceContext for mode in functions):
        return ["torch's functions by a mode that stays on"]
    return []


def _name(kind: type) -> str:
    """One of a student's own that is called like another of Python's or ours is told apart."""
    name = _name_of(kind)[:200]
    return name if _KNOWN.get(name, kind) is kind else f"{name} (not Python's own)"


def _safely(describe: Callable[[], object]) -> str:
    try:
        return str(describe())
    except BaseException as error:
        return f"(its message can't be shown: {type(error).__name__})"


def _reseed(seed: int) -> None:
    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % (1 << 32))
