"""Judgements: what they accept, what they say, and that no reply makes them raise anything but a verdict."""

import numpy as np
import pytest
import torch

from grader import judge
from grader.confined.values import Foreign, Seen
from grader.verdicts import LONGEST, Failed, Verdict


def seen(data, **facts):
    described = {"device": "cpu", "requires_grad": False, "is_leaf": True, "stride": tuple(data.stride())}
    return Seen(**({"data": data, "offset": 0, "kind": "Tensor"} | described | facts))


ODD = [
    *(None, True, 3, 2.5, "text", b"bytes", [], [1, [2]], (), {}, {"a": 1}, 10**300, float("nan"), 1j),
    *(Foreign("object"), np.arange(3), np.array(2.5), torch.float32, torch.Size([2])),
    *(seen(torch.empty(0)), seen(torch.ones(2, 3)), seen(torch.ones(2, dtype=torch.complex64))),
    *(seen(torch.tensor([float("nan"), 1.0])), seen(torch.tensor([float("inf"), 1.0])), seen(torch.tensor(True))),
]


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize(
    "accept",
    [
        lambda v: judge.shape(v, (7, 7)),
        lambda v: judge.dtype(v, torch.int8),
        lambda v: judge.on(v, "sim"),
        lambda v: judge.close(v, torch.arange(7.0, dtype=torch.float64)),
        lambda v: judge.close(v, torch.tensor([5.0, 6.0], dtype=torch.float64), near={"x": torch.ones(2, 3)}),
        lambda v: judge.exactly(v, torch.arange(7)),
        lambda v: judge.exactly(v, (1, 2), near={"x": 3}),
        lambda v: judge.sequence(v, 9),
        lambda v: judge.stays_on_device(v, to_device=-1),
    ],
)
def test_an_odd_reply_is_a_verdict(accept, value):
    with pytest.raises(Verdict):
        accept(value)


def test_close_has_the_tolerance_of_the_replys_precision():
    expected = torch.tensor([1.0, 1000.0], dtype=torch.float64)
    judge.close(seen(expected.float() * (1 + 1e-6)), expected)
    with pytest.raises(Failed, match="2 of 2 values wrong"):
        judge.close(seen(expected * (1 + 1e-6)), expected)
    with pytest.raises(Failed, match="NaN"):
        judge.close(seen(torch.tensor([float("nan"), 1000.0])), expected)
    judge.close(seen(torch.tensor([float("inf")])), torch.tensor([float("inf")], dtype=torch.float64))


def test_a_known_mistake_is_named():
    expected = torch.arange(6.0, dtype=torch.float64).reshape(2, 3)
    with pytest.raises(Failed) as caught:
        judge.close(seen(expected.t().float()), expected, near={"transposed": expected.t(), "zeros": expected * 0})
    assert caught.value.diagnosis == "transposed"
    with pytest.raises(Failed) as caught:
        judge.close(seen(torch.zeros(2, 3)), expected, near={"transposed": expected.t(), "zeros": lambda: expected * 0})
    assert caught.value.diagnosis == "zeros"
    with pytest.raises(Failed) as caught:
        judge.close(seen(torch.ones(2, 3)), expected, near={"transposed": expected.t()})
    assert caught.value.diagnosis is None


def test_large_whole_numbers_are_compared_exactly():
    expected = torch.tensor([2**60 + 1, 3])
    rounded = {"by way of float64": expected.double().long(), "by way of float32": expected.float().long()}
    for value, diagnosis in ((2**60, "by way of float64"), (2**60 + 2, None)):
        with pytest.raises(Failed, match="1 of 2 values wrong, the first at index") as caught:
            judge.exactly(seen(torch.tensor([value, 3])), expected, near=rounded)
        assert caught.value.diagnosis == diagnosis


def test_messages_hold_no_expected_value():
    with pytest.raises(Failed) as caught:
        judge.exactly(seen(torch.tensor([1, 2])), torch.tensor([1, 77]))
    assert "77" not in caught.value.message
    with pytest.raises(Failed) as caught:
        judge.exactly(5, 77)
    assert "77" not in caught.value.message


def test_numbers():
    assert judge.integer(np.array(3)) == 3
    assert judge.boolean(np.array(True)) is True
    for accept, value in ((judge.integer, True), (judge.integer, 2.5), (judge.boolean, 1), (judge.number, "1")):
        with pytest.raises(Failed):
            accept(value)


def test_traces():
    clean = {"launches": 3, "to_device": 1, "to_host": 0, "readbacks": 0, "scalars": 2, "cpu_ops": []}
    judge.stays_on_device(clean, to_device=1)
    with pytest.raises(Failed, match="copies to the device: 1"):
        judge.stays_on_device(clean)
    with pytest.raises(Failed, match="numbers sent to the device one by one: 9, where 8 do"):
        judge.stays_on_device(clean | {"scalars": 9}, to_device=1)
    with pytest.raises(Failed) as caught:
        judge.stays_on_device(clean | {"cpu_ops": ["arange"]}, to_device=1)
    assert caught.value.diagnosis == "built on the CPU, then moved to the device"
    for broken in ({}, {"cpu_ops": 3}, clean | {"readbacks": None}):
        with pytest.raises(Failed):
            judge.stays_on_device(broken)


def test_a_verdict_quotes_no_more_than_a_page():
    verdict = Failed("in line 1 (`" * 20_000, "x" * 20_000)
    assert (len(verdict.message), len(verdict.diagnosis or "")) == (LONGEST, LONGEST)
