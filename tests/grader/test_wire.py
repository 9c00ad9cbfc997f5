"""Frames and values: what goes in comes out, and nothing malformed gets through."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from grader.confined import values, wire
from grader.confined.values import Foreign, OnDevice, Seeded, Seen

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=10,
)


def passed_on(value, *, layout=False):
    """A value after its way through a frame."""
    tree, body = values.encode(value, layout=layout)
    header, content = wire.unpack(wire.pack({"value": tree}, body))
    return values.decode(header["value"], content, layout=layout)


@given(VALUES)
def test_plain_values_come_out_as_they_went_in(value):
    assert passed_on(value) == value


@pytest.mark.parametrize("dtype", values.DTYPES.values(), ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3)])
def test_tensors_of_every_dtype(dtype, shape):
    tensor = torch.randint(0, 2, shape).to(dtype)
    seen = passed_on(tensor)
    assert isinstance(seen, Seen)
    assert seen.dtype == dtype
    assert torch.equal(seen.data, tensor)
    assert seen.stride == tensor.stride()


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(12.0).reshape(3, 4).t(),
        torch.arange(24).reshape(2, 3, 4)[:, 1:, ::2],
        torch.ones(1).expand(3, 4),
        torch.arange(10)[3:7],
        torch.arange(6.0).requires_grad_(),
        torch.tensor(5),
        torch.empty(0, 3),
    ],
)
def test_requests_keep_the_layout(tensor):
    arrived = passed_on(tensor, layout=True)
    assert torch.equal(arrived, tensor)
    assert arrived.stride() == tensor.stride()
    assert arrived.storage_offset() == tensor.storage_offset()
    assert arrived.requires_grad == tensor.requires_grad


def test_what_is_seen_of_a_tensor():
    weight = nn.Parameter(torch.ones(2, 3))
    assert passed_on(weight).kind == "Parameter"
    assert passed_on(weight).requires_grad
    assert not passed_on(weight * 2).is_leaf
    assert passed_on(weight.t()).stride == (1, 3)
    assert passed_on(torch.view_as_complex(torch.ones(2, 2)).conj()).data.tolist() == [1 - 1j] * 2


def test_values_of_other_types():
    assert passed_on(torch.Size([2, 3])) == torch.Size([2, 3])
    assert passed_on(torch.float16) is torch.float16
    assert passed_on(torch.device("cpu")) == torch.device("cpu")
    assert passed_on(b"abc") == b"abc"
    assert passed_on(1 + 2j) == 1 + 2j
    assert passed_on(np.arange(6).reshape(2, 3)).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert passed_on(np.float32(0.5)) == np.float32(0.5)
    assert passed_on(object()) == Foreign("object")
    assert passed_on(nn.Linear(1, 1)) == Foreign("Linear")
    assert passed_on([{1, 2}]) == [Foreign("set")]
    assert passed_on(torch.eye(2).to_sparse()) == Foreign("tensor of torch.sparse_coo layout, torch.float32")


def test_requests_make_generators_and_move_tensors():
    first, second = passed_on([Seeded(3), Seeded(3)], layout=True)
    assert torch.equal(torch.rand(3, generator=first), torch.rand(3, generator=second))
    assert passed_on(OnDevice(torch.ones(2), "cpu"), layout=True).tolist() == [1, 1]
    for value in (Seeded(3), OnDevice(torch.ones(2), "cpu")):
        with pytest.raises(wire.WireError):
            passed_on(value)


class Liar(int):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __str__(self):
        return "42"


def test_a_subclass_is_sent_as_what_it_holds():
    assert type(passed_on(Liar(7))) is int
    assert passed_on(Liar(7)) == 7


class Disguised(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True


def test_a_tensor_subclass_can_not_answer_for_its_values():
    disguised = torch.arange(3.0).as_subclass(Disguised)
    seen = passed_on(disguised)
    assert torch.equal(seen.data, torch.arange(3.0))
    assert seen.kind == "Disguised"


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_wire_error(data):
    with pytest.raises(wire.WireError):
        wire.unpack(data)


TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*"abc", "tensor", "tuple", "dict", "array", "size", "bytes"]), inner)
        | st.fixed_dictionaries(
            {
                "tensor": st.fixed_dictionaries(
                    {"dtype": st.sampled_from(["float32", "bool", "x"]), "shape": st.lists(st.integers(), max_size=3)},
                    optional={"at": st.lists(st.integers(-1, 40), max_size=3), "stride": inner, "kind": inner},
                )
            }
        )
    ),
    max_leaves=8,
)


@settings(max_examples=500)
@given(TREES, st.binary(max_size=32))
def test_random_trees_raise_nothing_but_wire_error(tree, body):
    try:
        values.decode(tree, bytearray(body), layout=False)
    except wire.WireError:
        return


def test_forged_headers():
    for header in ("[]", "1", "{", '{"a":' * 5000, '{"a": ' + "9" * 5000 + "}", "\ud800"):
        text = header.encode("utf-8", "surrogatepass")
        frame = wire.PREFIX.pack(wire.MAGIC, len(text), 0) + text
        with pytest.raises(wire.WireError):
            wire.unpack(frame)
    huge = wire.PREFIX.pack(wire.MAGIC, wire.MAX_HEADER + 1, 0)
    with pytest.raises(wire.WireError, match="not a frame"):
        wire.unpack(huge + b"x")


def test_a_bool_that_is_neither_is_refused():
    tree, body = values.encode(torch.tensor([True]), layout=False)
    body[0] = 2
    with pytest.raises(wire.WireError, match="neither"):
        values.decode(tree, body, layout=False)


def test_a_reply_can_not_be_nested_without_end():
    tree = None
    for _ in range(100):
        tree = {"list": [tree]}
    with pytest.raises(wire.WireError):
        values.decode(tree, bytearray(), layout=False)


def test_what_can_not_be_sent_is_a_wire_error():
    with pytest.raises(wire.WireError):
        wire.pack({"value": 10**5000})


@pytest.mark.parametrize("key", [lambda k: k * (2**61 - 1), lambda k: {"complex": [1000003.0 * k, float(-k)]}])
def test_keys_of_one_hash_are_not_taken_by_the_thousand(key):
    tree = {"list": [{"dict": [[key(n + 1000 * m), 0] for n in range(1000)]} for m in range(6)]}
    with pytest.raises(wire.WireError, match="keys that are no text"):
        values.decode(tree, bytearray(), layout=False)


@given(st.lists(st.text(), max_size=3), st.lists(st.text(st.characters()), max_size=3))
def test_an_alarm_is_a_frame_whatever_the_names(tampered, trespassed):
    header, body = wire.unpack(wire.alarm("0a", tampered, trespassed))
    assert (header["nonce"], body) == ("0a", b"")
    assert [len(header["tampered"]), len(header["trespassed"])] == [len(tampered), len(trespassed)]
