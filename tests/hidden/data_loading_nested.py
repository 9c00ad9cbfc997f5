"""Nested batches as descriptions for the probe, and judgements about what to_device made of them."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from probes.data_loading_nested import COMMON, OTHERS, parameter
from torch import Tensor

from grader.judge import described, expect, on, tensor
from grader.verdicts import Failed

DTYPES = (
    *(torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.complex64),
    *(torch.int64, torch.int32, torch.uint8, torch.bool),
)
SEQUENCES = ("list", "tuple", "state", "pair")
IN_WORDS = {
    "dict": "a dict",
    "ordered": "a dict",
    "default": "a dict",
    "own": "a dict",
    "list": "a list",
    "tuple": "a tuple",
}
MORE = {"ordered": " (OrderedDict)", "default": " (defaultdict)", "own": " (a subclass of one's own)"}
COPIED = "a tensor that is there already is copied"
WHY = {
    "Movable": "whatever has a method `to` is moved, where tensors are meant",
    "Holder": "objects are entered and built anew, where dicts, lists and tuples are meant",
}
DETACHED = "a tensor that is there already is detached: it does not require grad any more"


def values(fresh: Any, dtype: torch.dtype | None = None) -> Tensor:
    """A tensor of this dtype, or of any, and of few or no elements."""
    sizes = fresh.choice(((), (1,), (0, 2), (2, 3), (4,), (1, 2, 2)))
    return fresh.integers(0, 99, *sizes).to(dtype or fresh.choice(DTYPES))


def special(fresh: Any) -> list[Tensor]:
    """A strided view, a leaf that requires grad, and what becomes a Parameter."""
    view = fresh.integers(0, 99, fresh.integer(2, 4), 6)[:, ::2].T
    leaf, matrix = fresh.integers(0, 99, fresh.integer(1, 4)), fresh.integers(0, 99, fresh.integer(1, 3), 2)
    return [view, *(some.to(torch.float32).requires_grad_() for some in (leaf, matrix))]


def leaf(fresh: Any, kinds: tuple[str, ...]) -> list[Any]:
    kind = fresh.choice(kinds)
    return [kind, fresh.integer(0, len(OTHERS) - 1) if kind == "other" else values(fresh)]


def nested(fresh: Any, depth: int, kinds: tuple[str, ...]) -> list[Any]:
    """A random batch; every kind of leaf stands in every container."""
    if depth == 0:
        return leaf(fresh, kinds)
    kind = fresh.choice((*SEQUENCES, "dict", "ordered", "default", "own"))
    count = 2 if kind in ("state", "pair") else fresh.integer(1, 3)
    members = [nested(fresh, fresh.integer(0, depth - 1), kinds) for _ in range(count)]
    if kind in SEQUENCES:
        return [kind, members]
    names = fresh.python.sample(["input_ids", "mask", "labels", 0, 7, ("a", 1)], count)
    return [kind, [list(pair) for pair in zip(names, members, strict=True)]]


def batches(fresh: Any, kinds: tuple[str, ...]) -> list[list[Any]]:
    """Batches of every form, one of everything first; objects like containers are in it where kinds say `other`."""
    tensors, others = tuple(kind for kind in kinds if kind != "other"), OTHERS if "other" in kinds else COMMON

    def one(place: str | None = None) -> list[Any]:
        return [place or fresh.choice(tensors), values(fresh)]

    whole = [
        "dict",
        [
            ["input_ids", one("here")],
            ["texts", ["list", [["other", 0], ["other", 4], one()]]],
            ["pair", ["pair", [one(), ["other", 6]]]],
            [3, ["tuple", [one(), ["ordered", [["deep", ["list", [one("here")]]]]], ["list", []], ["tuple", []]]]],
            ["state", ["state", [one(), ["tuple", [one(), one()]]]]],
            ["again", ["list", [["again", 0], ["again", 0]]]],
            ["default", ["default", [["x", one()], ["n", ["other", 4]]]]],
            ["own", ["own", [["x", one("here")], ["n", ["other", 0]]]]],
            ["empty", ["dict", []]],
            ["missing", ["other", 4]],
            ["blank", ["other", 10]],
            ["special", ["tuple", [[place, some] for place in tensors for some in special(fresh)]]],
            ["dtypes", ["list", [[place, values(fresh, dtype)] for place in tensors for dtype in DTYPES]]],
            ["no elements", ["list", [[place, torch.empty(0, 2)] for place in tensors]]],
            ["others", ["tuple", [["other", number] for number in range(len(others))]]],
        ],
    ]
    bare = [[place, values(fresh)] for place in tensors]
    small = [["list", [one("here")]], ["tuple", [one("here"), ["other", 0]]], ["pair", [one("here"), one("here")]]]
    return [whole, *bare, *small, ["other", 6], ["list", []], *(nested(fresh, 3, kinds) for _ in range(3))]


def leaves(spec: Any, known: list[list[Any]] | None = None) -> Iterator[list[Any]]:
    """The tensors of a description, [place, values], in order; what stands somewhere again comes again."""
    known = [] if known is None else known
    kind, content = spec
    if kind in ("here", "there"):
        known.append(spec)
        yield spec
    elif kind == "again":
        yield known[content]
    elif kind != "other":
        for item in content:
            yield from leaves(item if kind in SEQUENCES else item[1], known)


def right_batch(seen: Mapping[str, Any], spec: list[Any], source: str, target: str) -> None:
    """Judge a move of a batch; its tensors `there` were on `source`."""
    known: list[list[Any]] = []
    _right(seen["result"], spec, known, target)
    changed = "the batch that was given is changed: its containers are written to, or its tensors moved"
    expect(seen["kept"] is True, "the batch holds other objects afterwards", changed)
    for given, (place, before) in zip(seen["given"], known, strict=True):
        on(given, source if place == "there" else "cpu", "a tensor of the batch that was given")
        expect(_equal(given, before), "a tensor of the batch holds other values afterwards", "tensors are written to")


def kept_where_they_are(seen: Mapping[str, Any], spec: list[Any], source: str, target: str) -> None:
    """No copy of what is on the target already, and its gradients still flow."""
    for shares, tracked, (place, before) in zip(seen["shares"], seen["tracked"], leaves(spec), strict=True):
        if (source if place == "there" else "cpu") == target:
            expect(shares is True, "the result does not show a write to a tensor that was there", COPIED)
            lost = "a tensor that was there does not require grad as it did"
            expect(tracked is before.requires_grad, lost, DETACHED)


def _right(seen: Any, spec: list[Any], known: list[list[Any]], target: str, inside: str = "") -> None:
    kind, content = spec
    if kind in ("here", "there", "again"):
        place = known[content] if kind == "again" else spec
        if kind != "again":
            known.append(spec)
        _right_tensor(seen.get("tensor"), place[1], target, inside)
    elif kind == "other":
        name = type(OTHERS[content]).__name__
        other = "another object" if seen.get("type") == name else f"one of type {seen.get('type')}"
        told = f"an object of type {name} does not come back as it was, but as {other}"
        expect(seen.get("same") is True, told, WHY.get(name, "what is no tensor is changed or copied"))
    else:
        _right_container(seen, kind, content, known, target)


def _right_container(seen: Any, kind: str, content: list[Any], known: list[list[Any]], target: str) -> None:
    if seen.get("container") is not True:
        word = IN_WORDS.get(kind, "a named tuple")
        raise Failed(f"{word} comes back as an object of type {seen.get('type')}", f"{word} loses its type")
    if "members" not in seen:
        gone = [] if kind in SEQUENCES else [item for key, item in content if key not in seen["keys"]]
        nothing = bool(gone) and all(inner == "other" and OTHERS[number] is None for inner, number in gone)
        lost = "entries of a dict that are None are left out" if nothing else "members are lost"
        raise Failed("a container comes back with other keys, or another length", lost)
    items = list(enumerate(content)) if kind in SEQUENCES else content
    for key, item in items:
        _right(
            seen["members"][key], item, known, target, f" in {IN_WORDS.get(kind, 'a named tuple')}{MORE.get(kind, '')}"
        )


def _right_tensor(value: Any, before: Tensor, target: str, inside: str) -> None:
    if not hasattr(value, "device"):
        raise Failed(f"a tensor comes back as {described(value)}", "tensors turn into something else")
    place = value.device.split(":")[0]
    if place != target.split(":")[0]:
        kind, why = "tensor", "not every tensor is moved"
        if parameter(before):
            kind, why = "Parameter", "a Parameter is not moved: it is a tensor, too, by isinstance"
        told = f"a {kind} of shape {tuple(before.shape)} and dtype {before.dtype}{inside} is on {place}"
        raise Failed(told, why)
    expect(value.shape == tuple(before.shape), "a tensor changes its shape", "tensors are changed on the way")
    expect(
        _equal(value, before), f"a tensor of dtype {before.dtype} changes its dtype or values", "tensors are changed"
    )


def _equal(value: Any, before: Tensor) -> bool:
    seen = tensor(value)
    return seen.dtype == before.dtype and torch.equal(seen.data, before)


def count(spec: list[Any], place: str) -> int:
    """How many tensors of a description are there or here."""
    return sum(kind == place for kind, _ in leaves(spec))
