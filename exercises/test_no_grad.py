"""Public tests of no_grad: run `pytest exercises/test_no_grad.py` while you work."""

import numpy as np
import pytest
import torch
from no_grad import (
    consistency_loss,
    ema_update,
    freeze,
    running_total,
    sgd_update,
    shares_memory,
    snapshot,
    straight_through_round,
)
from torch import nn
from torch.testing import assert_close


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


# freeze


@pytest.mark.correctness
def test_freeze_counts_what_it_changes():
    model = network()
    model[0].weight.requires_grad_(False)
    model.add_module("again", model[2])
    assert freeze(model) == 5
    assert freeze(model) == 0
    assert not any(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.correctness
def test_freeze_leaves_the_mode_alone():
    model = network()
    freeze(model)
    assert all(module.training for module in model.modules())


# sgd_update


@pytest.mark.correctness
def test_sgd_update_is_in_place():
    weight = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    view = weight.detach()
    weight.grad = torch.tensor([4.0, 0.0, -8.0])
    sgd_update([weight], lr=0.25)
    assert_close(weight.detach(), torch.tensor([0.0, 2.0, 5.0]))
    assert torch.equal(view, weight.detach())


@pytest.mark.correctness
def test_sgd_update_keeps_parameters_trainable():
    model = network()
    before = model[2].bias.detach().clone()
    model[0](torch.randn(5, 3)).sum().backward()  # the other layers get no gradient
    sgd_update(model.parameters(), lr=0.5)
    assert torch.equal(model[2].bias.detach(), before)
    assert all(parameter.requires_grad and parameter.is_leaf for parameter in model.parameters())


@pytest.mark.gpu
def test_sgd_update_stays_on_the_device(device, trace):
    weight = torch.ones(3).to(device).requires_grad_()
    weight.grad = torch.ones(3).to(device)
    with trace() as seen:
        sgd_update([weight], lr=0.25)
    assert_close(weight.detach().cpu(), torch.full((3,), 0.75))
    assert seen.to_device == seen.to_host == seen.readbacks == 0


# ema_update


@pytest.mark.correctness
@pytest.mark.parametrize("decay", [0.0, 0.9, 1.0])
def test_ema_update_averages_parameters(decay):
    target, source = network(), network()
    expected = [
        decay * a.detach() + (1 - decay) * b.detach()
        for a, b in zip(target.parameters(), source.parameters(), strict=True)
    ]
    objects = list(target.parameters())
    ema_update(target, source, decay)
    for own, before, wanted in zip(target.parameters(), objects, expected, strict=True):
        assert own is before
        assert_close(own.detach(), wanted)


@pytest.mark.correctness
def test_ema_update_copies_buffers():
    target, source = network(), network()
    source(torch.randn(6, 3))  # batch norm updates its statistics, and counts
    ema_update(target, source, 0.5)
    assert torch.equal(target[1].running_mean, source[1].running_mean)
    assert target[1].num_batches_tracked == 1
    source(torch.randn(6, 3))
    assert target[1].num_batches_tracked == 1


@pytest.mark.correctness
def test_ema_update_needs_no_graph():
    target, source = network().requires_grad_(False), network()
    ema_update(target, source, 0.5)
    assert not any(parameter.requires_grad for parameter in target.parameters())
    assert all(parameter.requires_grad for parameter in source.parameters())


@pytest.mark.gpu
def test_ema_update_stays_on_the_device(device, trace):
    target, source = network().to(device), network().to(device)
    with trace() as seen:
        ema_update(target, source, 0.0)
    assert_close(target[0].weight.detach().cpu(), source[0].weight.detach().cpu())
    assert seen.to_device == seen.to_host == seen.readbacks == 0


@pytest.mark.speed
def test_ema_update_looks_each_parameter_up_once(times_faster):
    target, source = (nn.Sequential(*[nn.Linear(2, 2) for _ in range(100)]) for _ in range(2))

    def lookups():
        with torch.no_grad():
            for name, own in target.named_parameters():
                own.mul_(0.5).add_(dict(source.named_parameters())[name], alpha=0.5)

    assert times_faster(lambda: ema_update(target, source, 0.5), lookups) > 4, "build no dict for each Parameter"


# running_total


@pytest.mark.correctness
def test_running_total_adds_values():
    weight = torch.tensor(2.0, requires_grad=True)
    losses = [weight * 3, weight.square(), weight]
    assert_close(running_total(losses), torch.tensor(12.0), check_dtype=False)
    assert_close(running_total(loss for loss in losses[:1]), torch.tensor(6.0), check_dtype=False)
    assert [loss.item() for loss in losses] == [6.0, 4.0, 2.0]


@pytest.mark.correctness
def test_running_total_has_no_graph():
    weight = torch.tensor(2.0, requires_grad=True)
    losses = [weight.exp(), weight.square()]
    total = running_total(losses)
    assert not total.requires_grad
    sum(losses).backward()
    assert_close(weight.grad, torch.tensor(2.0).exp() + 4.0)


@pytest.mark.gpu
def test_running_total_reads_nothing_back(device, trace):
    losses = [torch.tensor(1.5).to(device), torch.tensor(2.5).to(device)]
    with trace() as seen:
        total = running_total(losses)
    assert total.device.type == device
    assert seen.to_host == seen.readbacks == 0
    assert total.item() == 4.0


# straight_through_round


@pytest.mark.correctness
def test_straight_through_round_rounds():
    x = torch.tensor([[-2.5, -0.6, 0.5], [1.5, 2.5, 7.2]])
    before = x.clone()
    assert_close(straight_through_round(x), torch.tensor([[-2.0, -1.0, 0.0], [2.0, 2.0, 7.0]]))
    assert torch.equal(x, before)


@pytest.mark.correctness
def test_straight_through_round_hands_the_gradient_on():
    x = torch.randn(3, 4, requires_grad=True)
    cotangent = torch.randn(3, 4)
    straight_through_round(x).backward(cotangent)
    assert_close(x.grad, cotangent)


# snapshot


@pytest.mark.correctness
def test_snapshot_holds_the_named_parameters():
    model = network()
    saved = snapshot(model)
    assert list(saved) == [name for name, _ in model.named_parameters()]
    for name, parameter in model.named_parameters():
        assert torch.equal(saved[name], parameter.detach())
        assert not saved[name].requires_grad


@pytest.mark.correctness
def test_snapshot_is_independent():
    model = nn.Linear(2, 2)
    before = model.weight.tolist()
    saved = snapshot(model)
    with torch.no_grad():
        model.weight += 1.0
    assert saved["weight"].tolist() == before


# shares_memory


@pytest.mark.correctness
def test_shares_memory_of_views_and_copies():
    x = torch.arange(12.0).reshape(3, 4)
    for view in (x, x.t(), x[1], x[:, ::2], x.detach(), nn.Parameter(x), x.view(torch.int16)):
        assert shares_memory(x, view)
    for other in (x.clone(), x[x > 3], torch.zeros(3, 4), x[:0]):
        assert not shares_memory(x, other)


@pytest.mark.correctness
def test_shares_memory_of_two_views():
    x = torch.arange(12)
    assert shares_memory(x[:5], x[4:])
    assert not shares_memory(x[:5], x[5:])
    assert not shares_memory(x[::2], x[1::2])
    assert shares_memory(x[::2], x[::3])


@pytest.mark.correctness
def test_shares_memory_of_tensors_from_one_array():
    array = np.zeros(6)
    assert shares_memory(torch.from_numpy(array), torch.from_numpy(array[2:]))
    assert not shares_memory(torch.from_numpy(array[:2]), torch.from_numpy(array[2:]))


# consistency_loss


@pytest.mark.correctness
def test_consistency_loss_is_a_mean():
    student, teacher, x = nn.Linear(3, 2), nn.Linear(3, 2), torch.randn(5, 3)
    loss = consistency_loss(student, teacher, x)
    assert_close(loss, ((student(x) - teacher(x)) ** 2).sum() / 10)


@pytest.mark.correctness
def test_consistency_loss_teaches_the_student_only():
    student, teacher = network(), network()
    teacher[0].requires_grad_(False)
    before = [parameter.requires_grad for parameter in teacher.parameters()]
    consistency_loss(student, teacher, torch.randn(5, 3)).backward()
    assert all(parameter.grad is not None for parameter in student.parameters())
    assert all(parameter.grad is None for parameter in teacher.parameters())
    assert [parameter.requires_grad for parameter in teacher.parameters()] == before
    assert all(module.training for module in teacher.modules())
