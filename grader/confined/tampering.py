"""Notices that student code replaced functions that torch, Python or the probes rely on.

The snapshot is taken before children are forked. Looking at an object writes to its reference count, and a write to a
page that is shared with the zygote copies it: a look at every name of torch costs a child 8 ms, one at every namespace
half a millisecond. So the usual case reads one number a namespace, through objects that lie side by side: the version
that CPython 3.11 and 3.12 give each dict and change with it.
"""

import builtins
import copyreg
import ctypes
import gc
import json
import json.encoder
import operator
import os
import pickle
import sys
import time
import types
import weakref
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn

_MISSING = object()
_TORCH = os.path.dirname(torch.__file__) + os.sep
_all, _map, _is, _len, _isinstance = all, map, operator.is_, len, isinstance
_VERSION_OFFSET = 24 if sys.version_info < (3, 13) and sys.implementation.name == "cpython" else None
_Version = ctypes.c_uint64
_list, _value = list, operator.attrgetter("value")


def watched(extra: Iterable[Any] = ()) -> dict[str, Any]:
    """Name to owner of everything whose members must stay the same objects."""
    owners: list[Any] = [
        *(torch, torch.Tensor, torch.nn.functional, nn, nn.Module, nn.Parameter, torch.autograd),
        *(nn.utils, nn.utils.rnn, torch.optim, torch.optim.Optimizer, torch.utils.data, torch.utils.data.DataLoader),
        *(torch.optim.SGD, torch.optim.AdamW, builtins, time, operator, pickle, copyreg, weakref, gc),
        *(json, json.encoder, json.JSONEncoder),
    ]
    return {_name(owner): owner for owner in (*owners, *extra)}


def _name(owner: Any) -> str:
    return owner.__name__ if isinstance(owner, types.ModuleType) else f"{owner.__module__}.{owner.__qualname__}"


class Snapshot:
    """What the watched namespaces hold before any student module is loaded."""

    # Written by Python itself, and by torch: when it compiles, and by set_default_dtype.
    IGNORED = frozenset({"_", "__warningregistry__", "_dynamo", "Storage"})

    def __init__(self, extra: Iterable[Any] = ()) -> None:
        extra = list(extra)
        owners = watched(extra)
        self.ours = [_name(owner) for owner in extra]
        self.spaces = {name: _dict_of(owner) for name, owner in owners.items()}
        self.inherited = {name: _inherited(owner) for name, owner in owners.items()}
        self.before = {name: dict(space) for name, space in self.spaces.items()}
        self.versions = {name: _version(space) for name, space in self.spaces.items()}
        self._numbers = [_number(space) for space in self.spaces.values()] if _VERSION_OFFSET else []
        self._noted = list(map(_value, self._numbers))

    def changes(self) -> list[str]:
        """Dotted names of members that are no longer the same object; of ours also those that were put back."""
        if self._numbers and _list(_map(_value, self._numbers)) == self._noted:
            return []
        replaced = [
            f"{name}.{key}"
            for name, space in self.spaces.items()
            if not self._untouched(name, space)
            for key in (*_changed(self.before[name], space), *self._shadowed(name, space))
            if key not in self.IGNORED
        ]
        return replaced or [f"{name} for a while" for name in self.ours if self._put_back(name)]

    def _put_back(self, name: str) -> bool:
        """Written to, although it holds what it held before."""
        space, before = self.spaces[name], self.before[name]
        written = self.versions[name] is not None and self.versions[name] != _version(space)
        return written and _len(space) == _len(before) and _all(_map(_is, _map(space.get, before), before.values()))

    def _untouched(self, name: str, space: dict[str, Any]) -> bool:
        """The usual case, without a loop in Python."""
        version = self.versions[name]
        if version is not None and version == _version(space):
            return True
        before = self.before[name]
        same = _len(space) == _len(before) or not self.inherited[name]
        return same and _all(_map(_is, _map(space.get, before), before.values()))

    def _shadowed(self, name: str, space: dict[str, Any]) -> list[str]:
        """New members of a class that hide those of its bases: most methods of a tensor are inherited."""
        before, inherited = self.before[name], self.inherited[name]
        new = (key for key in space if key not in before and key in inherited)
        return [key for key in new if not _is_torchs_own(space[key])]


def _inherited(owner: Any) -> frozenset[str]:
    """Names that a class has from its bases."""
    return (
        frozenset(key for base in owner.__mro__[1:] for key in vars(base)) if _isinstance(owner, type) else frozenset()
    )


def _dict_of(owner: Any) -> dict[str, Any]:
    """The dict behind a module or class."""
    namespace = vars(owner)
    found: dict[str, Any] = namespace if isinstance(namespace, dict) else gc.get_referents(namespace)[0]
    return found


def _version(space: dict[str, Any]) -> int | None:
    return None if _VERSION_OFFSET is None else int(_number(space).value)


def _number(space: dict[str, Any]) -> ctypes.c_uint64:
    """The version of a dict, as it is whenever it is looked at."""
    assert _VERSION_OFFSET
    return _Version.from_address(id(space) + _VERSION_OFFSET)


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    changed = ((key, now.get(key, _MISSING)) for key, value in before.items() if now.get(key, _MISSING) is not value)
    return [key for key, value in changed if not _is_torchs_own(value)]


def _is_torchs_own(value: Any) -> bool:
    """torch wraps a few of its functions once more when its compiler is imported."""
    code = getattr(value, "__code__", None)
    return isinstance(code, types.CodeType) and code.co_filename.startswith(_TORCH)
