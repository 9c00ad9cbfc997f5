"""Public tests of modes: run `pytest exercises/test_modes.py` while you work."""

import pytest
import torch
from modes import BatchNorm1d, Dropout, evaluation_mode, freeze_batchnorm, mc_dropout, predict
from torch import nn
from torch.testing import assert_close


def modes_of(model):
    return [module.training for module in model.modules()]


def mixed_model():
    """A model whose submodules are in different modes."""
    model = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(4)), nn.Dropout(0.5))
    model[1].training = False
    model[1][1].training = False
    return model


class Interrupted(Exception):
    pass


# Dropout


@pytest.mark.correctness
@pytest.mark.parametrize("p", [0.25, 0.5, 0.9])
def test_dropout_drops_and_scales_in_training(p):
    x = torch.rand(100, 60) + 1
    before = x.clone()
    output = Dropout(p)(x)
    kept = output != 0
    assert_close(output[kept], x[kept] / (1 - p))
    assert abs(kept.float().mean().item() - (1 - p)) < 0.05
    assert torch.equal(x, before)


@pytest.mark.correctness
def test_dropout_draws_another_mask_for_each_entry_and_call():
    layer, x = Dropout(), torch.ones(50, 40)
    first, second = layer(x), layer(x)
    assert not torch.equal(first, second)
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[:, 0], first[:, 1])


@pytest.mark.correctness
def test_dropout_follows_the_mode_of_the_model_around_it():
    layer, x = Dropout(0.5), torch.randn(20, 30)
    model = nn.Sequential(layer)
    model.eval()
    assert torch.equal(model(x), x)
    model.train()
    assert not torch.equal(model(x), x)


@pytest.mark.correctness
def test_dropout_gradient_has_the_same_mask():
    x = torch.ones(10, 20, requires_grad=True)
    output = Dropout(0.5)(x)
    output.sum().backward()
    assert_close(x.grad, output.detach())


@pytest.mark.correctness
@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5, float("nan")])
def test_dropout_refuses_what_is_no_probability(p):
    assert torch.equal(Dropout(0.0)(torch.ones(3)), torch.ones(3))
    with pytest.raises(ValueError, match="p"):
        Dropout(p)


@pytest.mark.gpu
def test_dropout_draws_its_mask_on_the_device(device, trace):
    layer = Dropout(0.5)
    x = torch.ones(30, 40).to(device)
    with trace() as seen:
        output = layer(x)
    assert output.device.type == device
    assert seen.cpu_ops == []
    assert seen.to_device == 0


# BatchNorm1d


def pair():
    """This module's layer and torch's, with the same random state."""
    own, other = BatchNorm1d(4, eps=0.1, momentum=0.3), nn.BatchNorm1d(4, eps=0.1, momentum=0.3)
    for tensor in (other.weight, other.bias, other.running_mean, other.running_var):
        nn.init.uniform_(tensor, 0.5, 2.0)
    own.load_state_dict(other.state_dict())
    return own, other


@pytest.mark.correctness
def test_batch_norm_1d_has_the_state_of_torchs():
    own, other = BatchNorm1d(3), nn.BatchNorm1d(3)
    assert [name for name, _ in own.named_parameters()] == ["weight", "bias"]
    assert set(own.state_dict()) == set(other.state_dict())
    for name, value in other.state_dict().items():
        assert torch.equal(own.state_dict()[name], value)


@pytest.mark.correctness
def test_batch_norm_1d_computes_what_torchs_does():
    own, other = pair()
    for _ in range(3):
        x = torch.randn(6, 4) * 2 + 1
        assert_close(own(x), other(x))
    assert_close(own.state_dict(), other.state_dict())
    own.eval()
    other.eval()
    x = torch.randn(1, 4)
    assert_close(own(x), other(x))
    assert_close(own.state_dict(), other.state_dict())


@pytest.mark.correctness
def test_batch_norm_1d_gradients():
    own, other = pair()
    x = torch.randn(6, 4)
    cotangent = torch.randn(6, 4)
    gradients = []
    for layer in (own, other):
        given = x.clone().requires_grad_()
        layer(given).backward(cotangent)
        gradients.append([given.grad, layer.weight.grad, layer.bias.grad])
    assert_close(*gradients)
    assert not own.running_mean.requires_grad
    assert not own.running_var.requires_grad


@pytest.mark.correctness
def test_batch_norm_1d_refuses_one_row_in_training():
    layer = BatchNorm1d(4)
    assert layer.eval()(torch.ones(1, 4)).shape == (1, 4)
    layer.train()
    with pytest.raises(ValueError, match=r"."):
        layer(torch.ones(1, 4))


@pytest.mark.gpu
def test_batch_norm_1d_stays_on_the_device(device, trace):
    layer = BatchNorm1d(4).to(device)
    x = torch.randn(6, 4).to(device)
    with trace() as seen:
        output = layer(x)
    assert output.device.type == device
    assert layer.running_mean.device.type == device
    assert seen.cpu_ops == []
    assert (seen.to_device, seen.to_host, seen.readbacks) == (0, 0, 0)


@pytest.mark.speed
def test_batch_norm_1d_beats_a_loop_over_features(times_faster):
    layer, x = BatchNorm1d(300), torch.randn(50, 300)

    def loop():
        columns = [(column - column.mean()) / (column.var(correction=0) + 1e-5).sqrt() for column in x.T]
        return torch.stack(columns, dim=1)

    assert_close(layer(x), loop())
    faster = times_faster(lambda: [layer(x) for _ in range(10)], lambda: [loop() for _ in range(10)])
    assert faster > 3, f"a loop over the features takes only {faster:.1f} times as long"


# evaluation_mode


@pytest.mark.correctness
def test_evaluation_mode_restores_every_flag():
    model = mixed_model()
    before = modes_of(model)
    with evaluation_mode(model) as same:
        assert same is model
        assert not any(modes_of(model))
        assert torch.is_grad_enabled()
    assert modes_of(model) == before


@pytest.mark.correctness
def test_evaluation_mode_restores_after_an_exception_too():
    model = mixed_model()
    before = modes_of(model)
    manager = evaluation_mode(model)
    with pytest.raises(Interrupted), manager:
        raise Interrupted
    assert modes_of(model) == before


@pytest.mark.correctness
def test_evaluation_mode_can_be_nested():
    model = mixed_model()
    before = modes_of(model)
    with evaluation_mode(model):
        with evaluation_mode(model):
            pass
        assert not any(modes_of(model))
    assert modes_of(model) == before


# predict


@pytest.mark.correctness
def test_predict_concatenates_outputs_in_eval_mode():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
    batches = [torch.randn(B, 3) for B in (5, 1, 2)]
    output = predict(model, (batch for batch in batches))
    assert not output.requires_grad
    assert_close(output, model.eval()(torch.cat(batches)).detach())


@pytest.mark.correctness
def test_predict_leaves_modes_and_gradients_as_they_were():
    model = mixed_model()
    model[0].bias.requires_grad_(False)
    before = modes_of(model)
    assert predict(model, [torch.randn(2, 3)]).shape == (2, 4)
    with pytest.raises((RuntimeError, ValueError), match="mat1 and mat2"):
        predict(model, [torch.randn(2, 5)])
    assert modes_of(model) == before
    assert torch.is_grad_enabled()
    assert [parameter.requires_grad for parameter in model[0].parameters()] == [True, False]


@pytest.mark.gpu
def test_predict_leaves_results_on_the_device(device, trace):
    model = nn.Linear(3, 4).to(device)
    batches = [torch.randn(B, 3).to(device) for B in (2, 5)]
    with trace() as seen:
        output = predict(model, batches)
    assert output.device.type == device
    assert (seen.to_host, seen.readbacks) == (0, 0)


@pytest.mark.speed
def test_predict_does_not_copy_what_it_has_again_and_again(times_faster):
    model = nn.Linear(1, 2000)
    batches = list(torch.randn(400, 1, 1))

    def growing():
        result = torch.empty(0, 2000)
        for batch in batches:
            result = torch.cat([result, model(batch).detach()])
        return result

    assert_close(predict(model, batches), growing())
    faster = times_faster(lambda: predict(model, batches), growing)
    assert faster > 2, f"copying all results for each batch takes only {faster:.1f} times as long"


# freeze_batchnorm


@pytest.mark.correctness
def test_freeze_batchnorm_freezes_and_counts_batch_norms_only():
    model = nn.ModuleDict(
        {
            "linear": nn.Linear(4, 4),
            "inner": nn.Sequential(nn.BatchNorm2d(4), nn.BatchNorm1d(4, affine=False)),
            "other": nn.LayerNorm(4),
        }
    )
    model["again"] = model["inner"][0]
    assert freeze_batchnorm(model) == 2
    assert [name for name, module in model.named_modules() if not module.training] == ["inner.0", "inner.1"]
    frozen = [name for name, parameter in model.named_parameters() if not parameter.requires_grad]
    assert frozen == ["inner.0.weight", "inner.0.bias"]


@pytest.mark.correctness
def test_freeze_batchnorm_stops_the_running_averages():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    assert freeze_batchnorm(model) == 1
    model(torch.randn(5, 3))
    assert torch.equal(model[1].running_mean, torch.zeros(4))


# mc_dropout


class Counting(nn.Module):
    """Passes x through dropout and batch norm, and keeps its outputs."""

    def __init__(self):
        super().__init__()
        self.dropout, self.norm = nn.Dropout(0.5), nn.BatchNorm1d(6)
        self.outputs = []

    def forward(self, x):
        self.outputs.append(self.norm(self.dropout(x)))
        return self.outputs[-1]


@pytest.mark.correctness
def test_mc_dropout_gives_mean_and_std_of_the_passes():
    model = Counting()
    mean, std = mc_dropout(model, torch.randn(4, 6), samples=5)
    assert len(model.outputs) == 5
    outputs = torch.stack(model.outputs)
    assert_close(mean, outputs.mean(0))
    assert_close(std, outputs.std(0))
    assert std.max() > 0
    assert not mean.requires_grad
    assert not std.requires_grad


@pytest.mark.correctness
def test_mc_dropout_leaves_the_model_as_it_was():
    model = mixed_model()
    before = modes_of(model)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    mc_dropout(model, torch.randn(4, 3), samples=2)
    assert modes_of(model) == before
    assert_close(model.state_dict(), state, rtol=0, atol=0)


@pytest.mark.correctness
def test_mc_dropout_refuses_one_sample():
    model, x = nn.Dropout(0.5), torch.ones(3)
    assert len(mc_dropout(model, x, 2)) == 2
    with pytest.raises(ValueError, match="samples"):
        mc_dropout(model, x, 1)
