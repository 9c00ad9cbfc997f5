"""Public tests of modules: run `pytest exercises/test_modules.py` while you work."""

import math

import modules
import pytest
import torch
from modules import (
    Classifier,
    ParallelLinears,
    PositionalEncoding,
    ResidualMLP,
    StackedLinears,
    collect_state,
    count_parameters,
)
from torch import nn
from torch.testing import assert_close


def copy_of(model, like):
    """A second module that loads the state of the first."""
    other = like()
    other.load_state_dict(model.state_dict())
    return other


# ParallelLinears


@pytest.mark.correctness
def test_parallel_linears_give_every_layer_the_same_input():
    model = ParallelLinears(dim=3, count=2)
    x = torch.randn(5, 3)
    outputs = model(x)
    assert isinstance(outputs, tuple)
    assert len(outputs) == 2
    for linear, output in zip(model.linear_list, outputs, strict=True):
        assert_close(output, x @ linear.weight.T + linear.bias)


@pytest.mark.correctness
def test_parallel_linears_register_different_layers():
    model = ParallelLinears(dim=3, count=2)
    names = [name for name, _ in model.named_parameters()]
    assert names == ["linear_list.0.weight", "linear_list.0.bias", "linear_list.1.weight", "linear_list.1.bias"]
    assert not torch.equal(model.linear_list[0].weight, model.linear_list[1].weight)


@pytest.mark.gpu
def test_parallel_linears_move_with_the_model(device, trace):
    model = ParallelLinears(dim=3, count=2).to(device)
    x = torch.randn(4, 3).to(device)
    with trace() as seen:
        outputs = model(x)
    assert all(output.device.type == device for output in outputs)
    assert seen.to_device == 0


# Classifier


@pytest.mark.correctness
def test_classifier_computes_logits():
    model = Classifier(in_dim=5, hidden=4, classes=3)
    x = torch.randn(6, 5)
    first, last = model.layers[0], model.layers[2]
    hidden = (x @ first.weight.T + first.bias).clamp(min=0)
    assert_close(model(x), hidden @ last.weight.T + last.bias)


@pytest.mark.correctness
def test_classifier_has_names_and_defaults():
    shapes = {name: tuple(parameter.shape) for name, parameter in Classifier().named_parameters()}
    assert shapes == {
        "layers.0.weight": (128, 128),
        "layers.0.bias": (128,),
        "layers.2.weight": (2, 128),
        "layers.2.bias": (2,),
    }


# ResidualMLP


@pytest.mark.correctness
def test_residual_mlp_adds_each_block_to_its_input():
    model = ResidualMLP(dim=3, depth=2)
    x = torch.randn(4, 3)
    expected = x + model.blocks[0](x)
    expected = expected + model.blocks[1](expected)
    assert_close(model(x), expected)


@pytest.mark.correctness
def test_residual_mlp_leaves_its_input_alone():
    x = torch.randn(4, 3)
    before = x.clone()
    ResidualMLP(dim=3, depth=2)(x)
    assert torch.equal(x, before)


@pytest.mark.correctness
def test_residual_mlp_has_independent_blocks():
    model = ResidualMLP(dim=3, depth=2)
    assert isinstance(model.blocks, nn.ModuleList)
    assert sum(parameter.numel() for parameter in model.parameters()) == 2 * 2 * (3 * 3 + 3)
    one, other = (next(block.parameters()) for block in model.blocks)
    assert not torch.equal(one, other)


@pytest.mark.gpu
def test_residual_mlp_moves_with_the_model(device, trace):
    model = ResidualMLP(dim=3, depth=2).to(device)
    x = torch.randn(4, 3).to(device)
    with trace() as seen:
        output = model(x)
    assert output.device.type == device
    assert seen.to_device == 0


# PositionalEncoding


@pytest.mark.correctness
@pytest.mark.parametrize("dim", [1, 4, 5])
def test_positional_encoding_table(dim):
    table = PositionalEncoding(dim=dim, max_len=7).table
    assert table.shape == (7, dim)
    for p in range(7):
        for column in range(dim):
            angle = p * 10000 ** (-2 * (column // 2) / dim)
            expected = math.cos(angle) if column % 2 else math.sin(angle)
            assert abs(table[p, column].item() - expected) < 1e-4


@pytest.mark.correctness
def test_positional_encoding_adds_the_first_rows():
    model = PositionalEncoding(dim=4, max_len=6)
    x = torch.randn(2, 5, 4)
    before = x.clone()
    assert_close(model(x), before + model.table[:5])
    assert torch.equal(x, before)


@pytest.mark.correctness
def test_positional_encoding_keeps_its_table_in_a_buffer():
    model = PositionalEncoding(dim=4, max_len=6)
    assert [name for name, _ in model.named_buffers()] == ["table"]
    assert list(model.parameters()) == []
    assert list(model.state_dict()) == ["table"]
    assert model.double().table.dtype == torch.float64


@pytest.mark.correctness
@pytest.mark.parametrize("max_len", [1, 3])
def test_positional_encoding_refuses_what_is_too_long(max_len):
    model = PositionalEncoding(dim=4, max_len=max_len)
    assert model(torch.zeros(2, max_len, 4)).shape == (2, max_len, 4)
    with pytest.raises(ValueError, match=r"."):
        model(torch.zeros(2, max_len + 1, 4))


@pytest.mark.gpu
def test_positional_encoding_moves_its_table_once(device, trace):
    model = PositionalEncoding(dim=4, max_len=6).to(device)
    x = torch.randn(2, 5, 4).to(device)
    with trace() as seen:
        output = model(x)
    assert output.device.type == device
    assert seen.to_device == 0


# StackedLinears


@pytest.mark.correctness
def test_stacked_linears_are_as_many_linear_maps():
    model = StackedLinears(dim=3, count=4)
    x = torch.randn(2, 3)
    output = model(x)
    assert output.shape == (4, 2, 3)
    for k in range(4):
        assert_close(output[k], x @ model.weight[k].T + model.bias[k])


@pytest.mark.correctness
def test_stacked_linears_have_two_parameters():
    model = StackedLinears(dim=3, count=4)
    shapes = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    assert shapes == {"weight": (4, 3, 3), "bias": (4, 3)}
    assert not torch.equal(model.weight[0], model.weight[1])
    model(torch.ones(2, 3)).sum().backward()
    assert model.weight.grad is not None
    assert model.bias.grad is not None


@pytest.mark.gpu
def test_stacked_linears_stay_on_the_device(device, trace):
    model = StackedLinears(dim=3, count=4).to(device)
    x = torch.randn(2, 3).to(device)
    with trace() as seen:
        output = model(x)
    assert output.device.type == device
    assert seen.to_device == 0


@pytest.mark.speed
def test_stacked_linears_beat_a_loop(times_faster):
    model = StackedLinears(dim=5, count=300)
    x = torch.randn(4, 5)

    def loop():
        return torch.stack([x @ model.weight[k].T + model.bias[k] for k in range(300)])

    assert_close(model(x), loop())
    faster = times_faster(lambda: [model(x) for _ in range(5)], lambda: [loop() for _ in range(5)])
    assert faster > 3, f"a loop over the maps takes only {faster:.1f} times as long"


# count_parameters


@pytest.mark.correctness
def test_count_parameters_counts_scalars_not_buffers():
    assert count_parameters(nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))) == 3 * 2 + 2 + 2 + 2
    assert count_parameters(nn.ReLU()) == 0


@pytest.mark.correctness
def test_count_parameters_counts_a_shared_parameter_once():
    model = nn.ModuleDict({"embedding": nn.Embedding(5, 3), "output": nn.Linear(3, 5, bias=False)})
    model["output"].weight = model["embedding"].weight
    assert count_parameters(model) == 15


@pytest.mark.correctness
def test_count_parameters_trainable_only():
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    model[0].requires_grad_(False)
    assert count_parameters(model, trainable_only=True) == 6
    assert count_parameters(model) == 14


# collect_state


def example():
    """A model with a shared layer, a saved and an unsaved buffer, and a Parameter of its own."""
    layer = nn.Linear(2, 2)
    model = nn.Module()
    model.first, model.again, model.norm = layer, layer, nn.BatchNorm1d(2)
    model.scale = nn.Parameter(torch.ones(2))
    model.register_buffer("saved", torch.ones(1))
    model.register_buffer("unsaved", torch.ones(1), persistent=False)
    model.register_buffer("nothing", None)
    return model


@pytest.mark.correctness
def test_collect_state_has_the_keys_of_state_dict():
    model = example()
    expected = model.state_dict()
    found = collect_state(model)
    assert list(found) == list(expected)
    for key, value in expected.items():
        assert torch.equal(found[key], value)


@pytest.mark.correctness
def test_collect_state_does_not_call_state_dict(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("this task is about building state_dict, so it may not call it")

    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    monkeypatch.setattr(nn.Module, "state_dict", refuse)
    assert len(collect_state(model)) == 7


@pytest.mark.correctness
def test_collect_state_shares_the_storage_without_the_graph():
    model = nn.Sequential(nn.Linear(2, 2))
    found = collect_state(model)
    assert not found["0.weight"].requires_grad
    found["0.weight"].fill_(7)
    assert torch.equal(model[0].weight.detach(), torch.full((2, 2), 7.0))


# All classes


@pytest.mark.correctness
@pytest.mark.parametrize(
    ("task", "sizes"),
    [
        ("ParallelLinears", {"dim": 3, "count": 2}),
        ("Classifier", {"in_dim": 3, "hidden": 4, "classes": 2}),
        ("ResidualMLP", {"dim": 3, "depth": 2}),
        ("StackedLinears", {"dim": 3, "count": 2}),
    ],
)
def test_a_second_module_loads_the_state_of_the_first(task, sizes):
    make = getattr(modules, task)
    model = make(**sizes)
    assert len(list(model.parameters())) > 0
    x = torch.randn(4, 3)
    assert_close(copy_of(model, lambda: make(**sizes))(x), model(x))
