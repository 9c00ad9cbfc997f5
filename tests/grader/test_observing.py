"""What probes hand to student code: it computes the same, and its notes are true."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn
from torch.nn.functional import dropout as bound_before
from torch.nn.functional import mse_loss

from grader import accelerator
from grader.confined.observing import Journal, Recorder, RecordingSGD, Witness, copied, flags, recording_loss
from grader.confined.probing import ForbiddenFunctions, ForbiddenRoutine
from grader.confined.session import take_snapshot


def step(model, optimizer, loss_fn, x, y):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


def test_a_recorded_step_computes_the_same():
    plain = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    recorded = nn.Sequential(nn.Linear(3, 2), Witness(), nn.Linear(2, 1))
    with torch.no_grad():
        for own, other in zip(recorded.parameters(), plain.parameters(), strict=True):
            own.copy_(other)
    journal = Journal()
    x, y = torch.randn(4, 3), torch.randn(4, 1)
    recorder = Recorder(recorded, journal)
    for _ in range(3):
        own = step(recorder, RecordingSGD(recorder.parameters(), 0.1, journal), recording_loss(mse_loss, journal), x, y)
        other = step(plain, torch.optim.SGD(plain.parameters(), 0.1), mse_loss, x, y)
        assert torch.equal(own, other)
    assert journal.events() == ["zero_grad", "forward", "loss", "backward", "step"] * 3
    for own, other in zip(recorded.parameters(), plain.parameters(), strict=True):
        assert torch.equal(own, other)


def test_a_recorder_notes_arguments_as_they_were():
    journal = Journal()
    recorder = Recorder(nn.Identity(), journal, "decoder").eval()
    x = torch.zeros(2)
    with torch.no_grad():
        recorder(x)
        x.fill_(7)
    recorder(x)
    first, second = journal.entries
    assert first["args"][0].tolist() == [0, 0]
    assert second["args"][0].tolist() == [7, 7]
    assert (first["event"], first["grad"], second["grad"]) == ("decoder", False, True)
    assert first["training"] == [False, False]


def test_a_witness_tells_which_graphs_are_held():
    model = nn.Sequential(nn.Linear(3, 2), witness := Witness())
    kept = [model(torch.ones(1, 3)).sum() for _ in range(3)]
    assert (witness.alive(), witness.passes()) == (3, 3)
    kept[0] = kept[0].detach()
    assert witness.alive() == 2
    kept.clear()
    with torch.no_grad():
        model(torch.ones(1, 3))
    assert (witness.alive(), witness.passes()) == (0, 3)


def test_flags_are_those_of_every_module_and_tensor():
    layer = nn.BatchNorm1d(2)
    model = nn.ModuleDict({"a": layer, "b": layer, "c": nn.Dropout()})
    layer.eval()
    layer.bias.requires_grad_(False)
    found = flags(model)
    assert found["training"] == {"": True, "a": False, "b": False, "c": True}
    assert found["requires_grad"]["a.weight"]
    assert not found["requires_grad"]["b.bias"]
    assert not found["requires_grad"]["b.running_mean"]


def test_copies_are_independent_and_without_a_graph():
    x = torch.ones(2, requires_grad=True)
    found = copied({"a": [x, (x * 2, 3)], "b": "text"})
    assert found["a"][1][1] == 3
    assert not found["a"][1][0].requires_grad
    with torch.no_grad():
        x.fill_(5)
    assert found["a"][0].tolist() == [1, 1]


@pytest.mark.parametrize(
    "call",
    [
        lambda x: nn.Dropout()(x),
        lambda x: nn.AlphaDropout()(x),
        lambda x: nn.functional.dropout1d(x[None]),
        lambda x: bound_before(x),
        lambda x: torch.dropout(x, 0.5, True),
        lambda x: torch.native_dropout(x, 0.5, True),
        lambda x: torch.ops.aten.native_dropout.default(x, 0.5, True),
    ],
)
def test_forbidden_functions_raise_by_every_road(call):
    with pytest.raises(ForbiddenRoutine, match=r"building \w*dropout"), ForbiddenFunctions("dropout"):
        call(torch.ones(2, 3))


def without_modes(x):
    with torch._C.DisableTorchFunction():
        return nn.functional.dropout(x)


def in_a_thread(x):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(nn.functional.dropout, x).result()


def through_attention(x):
    return nn.functional.scaled_dot_product_attention(x[None], x[None], x[None], dropout_p=0.5)


@pytest.mark.parametrize(
    "call", [without_modes, in_a_thread, through_attention, torch.vmap(nn.functional.dropout, randomness="different")]
)
def test_forbidden_functions_raise_by_back_doors(call):
    with pytest.raises(ForbiddenRoutine, match="dropout"), ForbiddenFunctions("dropout"):
        call(torch.ones(2, 3))
    assert call(torch.ones(2, 3)).numel() == 6


def test_other_functions_work_beside_forbidden_ones():
    with ForbiddenFunctions("dropout", "batch_norm"):
        assert torch.equal(nn.Linear(2, 2, bias=False)(torch.zeros(1, 2)), torch.zeros(1, 2))
        assert torch.bernoulli(torch.ones(3)).sum() == 3


@pytest.mark.parametrize("name", ["layer_norm", "group_norm"])
def test_other_norms_work_on_the_device_beside_a_forbidden_one(name):
    accelerator.install()
    x = torch.randn(4, 6, device=accelerator.NAME)
    expected = getattr(nn.functional, name)(x, *NORMS[name])
    with ForbiddenFunctions("batch_norm"):
        assert torch.equal(getattr(nn.functional, name)(x, *NORMS[name]), expected)


NORMS = {"layer_norm": [(6,)], "group_norm": [2]}


def test_a_class_of_ours_is_watched():
    snapshot = take_snapshot()
    original = Journal.note
    try:
        Journal.note = lambda *args, **facts: None
        assert snapshot.changes() == ["grader.confined.observing.Journal.note"]
    finally:
        Journal.note = original
    assert snapshot.changes() == ["grader.confined.observing.Journal for a while"]


def test_a_step_of_the_recording_optimizer_is_no_tampering():
    snapshot = take_snapshot()
    model = nn.Linear(2, 1)
    step(model, RecordingSGD(model.parameters(), 0.1, Journal()), mse_loss, torch.ones(3, 2), torch.ones(3, 1))
    assert snapshot.changes() == []
