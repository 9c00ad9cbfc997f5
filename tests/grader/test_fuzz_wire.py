"""Replies that nobody would send: any frame is a value or a WireError, and a small one costs little."""

import json
import tracemalloc
from contextlib import suppress

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.confined import values, wire
from grader.inprocess import InProcessChannel
from grader.student import Module, Raised, Student

FORMS = sorted(name.removeprefix("_read_") for name in vars(values.Decoder) if name.startswith("_read_"))
KEYS = ("dtype", "shape", "at", "stride", "offset", "device", "grad", "leaf", "kind")
SMALL = st.integers(-1, 40)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**48, 10**400, -(10**400)])
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from([*values.DTYPES, "cpu", "cuda:0", "meta"])
    | st.lists(SMALL, max_size=3)
)
TENSORS = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from([*values.DTYPES]),
        "shape": st.lists(SMALL, max_size=3),
        "at": st.tuples(SMALL, SMALL).map(list),
    },
    optional={
        "stride": st.lists(SMALL, max_size=3),
        "offset": SMALL,
        "device": st.just("cpu"),
        "kind": st.just("Tensor"),
    },
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FORMS), inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(FORMS), TENSORS | st.dictionaries(st.sampled_from(KEYS), inner), min_size=1, max_size=1
        )
        | st.lists(st.lists(inner, min_size=2, max_size=2), max_size=3).map(lambda pairs: {"dict": pairs})
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(TREES, st.binary(max_size=64))
@example({"tensor": {"dtype": []}}, b"")
@example({"array": {"dtype": "bfloat16", "shape": [1], "at": [0, 2]}}, b"\0\0")
def test_any_tree_is_a_value_or_a_wire_error(tree: object, body: bytes) -> None:
    with suppress(wire.WireError):
        values.decode(tree, bytearray(body), layout=False)


VALID = [
    (torch.arange(6.0).reshape(2, 3).t(), [1, {"a": (torch.tensor([True, False]), b"xyz", 1 + 2j)}]),
    {"trace": {"cpu_ops": ["aten::add"], "launches": 3}, "size": torch.Size([2, 3]), 4: torch.float16},
    [torch.zeros(0, 3), torch.device("cpu"), None, 0.5, "大海", torch.ones(3).numpy()],
]


def framed(value: object) -> bytes:
    tree, body = values.encode(value, layout=False)
    return wire.pack({"nonce": "n", "value": tree}, body)


FRAMES = [framed(value) for value in VALID]
CHANGES = st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=3), st.integers(0, 2)), max_size=6)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(FRAMES), CHANGES, st.integers(0, 4))
def test_a_damaged_frame_is_a_value_or_a_wire_error(
    frame: bytes, changes: list[tuple[int, bytes, int]], cut: int
) -> None:
    data = bytearray(frame)
    for position, new, old in changes:
        start = position % len(data)
        data[start : start + old] = new
    fixed = wire.PREFIX.pack(wire.MAGIC, *wire.PREFIX.unpack(frame[: wire.PREFIX.size])[1:])
    for whole in (bytes(data), fixed + bytes(data[len(fixed) : len(data) - cut])):
        with suppress(wire.WireError):
            header, body = wire.unpack(whole)
            values.decode(header.get("value"), body, layout=False)


@pytest.fixture(scope="module")
def student() -> Student:
    return Student(InProcessChannel, Module("t", {"t": b"x = 1\n"}, {}), "f", 0, "cpu")


HEADERS = st.dictionaries(
    st.sampled_from(["nonce", "tampered", "trespassed", "raised", "value"]), TREES
) | st.fixed_dictionaries(
    {
        "nonce": st.just("n"),
        "raised": st.dictionaries(
            st.sampled_from(["type", "bases", "message", "file", "line", "text", "function", "fingerprints"]), TREES
        ),
    }
)


@settings(max_examples=300, deadline=None)
@given(header=HEADERS)
@example(header={"nonce": "n", "raised": {"bases": 5}})
@example(header={"nonce": "n", "raised": {"line": 2**70, "file": "../t.py"}})
def test_any_header_is_an_answer_or_a_verdict(student: Student, header: dict[str, object]) -> None:
    from grader.verdicts import Verdict

    with suppress(wire.WireError, Verdict):
        answer = student._read(json.loads(json.dumps(header)), bytearray(64), "n")
        if isinstance(answer, Raised):
            assert len(answer.sentence()) < 2000
            assert isinstance(student.broken(answer), Exception)


def peak_of(tree: object, body: bytearray) -> int:
    """Bytes that decoding allocated at most, by Python's own count."""
    tracemalloc.start()
    try:
        with suppress(wire.WireError):
            values.decode(tree, body, layout=False)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", ["tensor", "array", "bytes"])
def test_bytes_are_given_out_once(form: str) -> None:
    body = bytearray(1 << 20)
    tensor = {
        "dtype": "int8",
        "shape": [1 << 20],
        "at": [0, 1 << 20],
        "stride": [1],
        "offset": 0,
        "device": "cpu",
        "kind": "T",
    }
    one = {form: [0, 1 << 20] if form == "bytes" else tensor}
    values.decode(one, body, layout=False)
    assert peak_of({"list": [one] * 50}, body) < 4 << 20
    with pytest.raises(wire.WireError, match="twice"):
        values.decode({"list": [one] * 2}, body, layout=False)


@settings(max_examples=150, deadline=None)
@given(TREES, st.binary(max_size=64))
def test_a_small_tree_costs_little(tree: object, body: bytes) -> None:
    assert peak_of(tree, bytearray(body)) < 1 << 20


def test_an_integer_that_no_float_can_hold_is_refused() -> None:
    assert values.decode(2**900, bytearray(), layout=False) == 2**900
    with pytest.raises(wire.WireError, match="integer"):
        values.decode(10**400, bytearray(), layout=False)
