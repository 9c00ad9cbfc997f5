"""Public tests of training_loop: run `pytest exercises/test_training_loop.py` while you work."""

import copy

import pytest
import torch
from torch import nn
from torch.testing import assert_close
from training_loop import (
    accumulated_step,
    evaluate,
    fit_linear,
    fit_polynomial,
    gradient_history,
    train,
    train_step,
)

X = [3.3, 4.4, 5.5, 6.71, 6.93, 4.168, 9.779, 6.182, 7.59, 2.167, 7.042, 10.791, 5.313, 7.997, 3.1]
Y = [1.7, 2.76, 2.09, 3.19, 1.694, 1.573, 3.366, 2.596, 2.53, 1.221, 2.827, 3.465, 1.65, 2.904, 1.3]


def classifier():
    """A small model for 3 features and 4 classes."""
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4))


def batches(*sizes):
    """Random batches of these sizes for that model."""
    return [(torch.randn(size, 3), torch.randint(4, (size,))) for size in sizes]


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)


def same_weights(model, other):
    for seen, expected in zip(model.parameters(), other.parameters(), strict=True):
        assert_close(seen, expected)


# train_step


@pytest.mark.correctness
def test_train_step_clears_old_gradients():
    model, other = nn.Linear(3, 1), nn.Linear(3, 1)
    other.load_state_dict(model.state_dict())
    optimizer, inputs, targets = sgd(model), torch.randn(4, 3), torch.randn(4, 1)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    loss = train_step(model, optimizer, nn.MSELoss(), inputs, targets)
    expected = nn.MSELoss()(other(inputs), targets)
    for parameter, gradient in zip(
        other.parameters(), torch.autograd.grad(expected, list(other.parameters())), strict=True
    ):
        parameter.data -= 0.1 * gradient
    same_weights(model, other)
    assert_close(loss, expected.detach())


@pytest.mark.correctness
def test_train_step_gives_outputs_before_targets():
    model, optimizer = nn.Identity(), sgd(nn.Linear(1, 1))
    inputs, targets = torch.tensor([3.0], requires_grad=True), torch.tensor([1.0])
    loss = train_step(model, optimizer, lambda outputs, targets: (outputs - 2 * targets).mean(), inputs, targets)
    assert loss.item() == 1


@pytest.mark.correctness
@pytest.mark.parametrize("mode", [True, False])
def test_train_step_returns_a_detached_loss_and_keeps_the_mode(mode):
    model = classifier().train(mode)
    loss = train_step(model, sgd(model), nn.CrossEntropyLoss(), *batches(5)[0])
    assert loss.shape == ()
    assert not loss.requires_grad
    assert all(module.training is mode for module in model.modules())


@pytest.mark.gpu
def test_train_step_reads_nothing_back(device, trace):
    model = classifier().to(device)
    optimizer, (inputs, targets) = sgd(model), batches(5)[0]
    inputs, targets = inputs.to(device), targets.to(device)
    with trace() as seen:
        loss = train_step(model, optimizer, nn.CrossEntropyLoss(), inputs, targets)
    assert loss.device.type == device
    assert seen.readbacks == seen.to_host == 0


# fit_linear


@pytest.mark.correctness
@pytest.mark.parametrize("shape", [(15,), (15, 1)])
def test_fit_linear_on_the_points_of_the_lecture(shape):
    x, y = torch.tensor(X).reshape(shape), torch.tensor(Y).reshape(shape)
    weight, bias, losses = fit_linear(x, y, weight=-0.41272517, bias=0.32145093, lr=0.001, epochs=60)
    shown = [11.2489, 4.6657, 1.9987, 0.9182, 0.4805, 0.3031, 0.2313, 0.2021, 0.1903, 0.1855, 0.1835, 0.1827]
    assert losses[4::5] == pytest.approx(shown, abs=1e-4)
    assert len(losses) == 60
    assert all(isinstance(number, float) for number in (weight, bias, *losses))


@pytest.mark.correctness
def test_fit_linear_takes_one_step():
    x, y = torch.tensor([0.0, 2.0]), torch.tensor([1.0, 1.0])
    weight, bias, losses = fit_linear(x, y, 1.0, 0.0, 0.25, 1)
    assert [weight, bias, *losses] == pytest.approx([0.5, 0.0, 1.0])
    assert fit_linear(x, y, 1.0, 0.0, 0.25, 0) == (1.0, 0.0, [])


# fit_polynomial


@pytest.mark.correctness
def test_fit_polynomial_on_the_points_of_the_lecture():
    x, y = torch.tensor([-1.0, 1.0, 2.0]), torch.tensor([1.0, 2.0, 3.0])
    a, b, loss = fit_polynomial(x, y, a=0.0, b=0.0, lr=0.1, steps=500)
    assert (a, b, loss) == pytest.approx((0.5, 1.0, 1 / 6), abs=1e-4)
    assert all(isinstance(number, float) for number in (a, b, loss))


@pytest.mark.correctness
def test_fit_polynomial_takes_one_step():
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])
    assert fit_polynomial(x, y, 0.0, 0.0, 0.125, 1) == pytest.approx((2.125, 0.625, 14.6640625))


# gradient_history


@pytest.mark.correctness
def test_gradient_history_of_the_lecture():
    model = nn.Linear(1, 1)
    nn.init.constant_(model.weight, 0.4165)
    nn.init.constant_(model.bias, 0.4819)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    x, y = torch.tensor(X)[:, None], torch.tensor(Y)[:, None]
    history = gradient_history(model, optimizer, nn.MSELoss(), x, y)
    weights = [snapshot["weight"][0].item() for snapshot in history]
    biases = [snapshot["bias"][0].item() for snapshot in history]
    assert weights == pytest.approx([0.4165, 0.4165, 0.4065, 0.4065], abs=1e-4)
    assert biases == pytest.approx([0.4819, 0.4819, 0.4805, 0.4805], abs=1e-4)
    for name, gradient, within in [("weight", 10.0239, 0.003), ("bias", 1.3666, 0.001)]:
        first, *used, last = [snapshot[name][1] for snapshot in history]
        assert [tensor.item() for tensor in used] == pytest.approx([gradient] * 2, abs=within)
        assert first is None or not first.any()
        assert last is None or not last.any()


# evaluate


@pytest.mark.correctness
def test_evaluate_weights_the_short_last_batch():
    model, data = classifier(), batches(4, 4, 1)
    inputs, targets = (torch.cat(parts) for parts in zip(*data, strict=True))
    loss, accuracy = evaluate(model, iter(data), nn.CrossEntropyLoss(), "cpu")
    assert loss == pytest.approx(nn.CrossEntropyLoss()(model(inputs), targets).item(), rel=1e-5)
    assert accuracy == pytest.approx((model(inputs).argmax(1) == targets).sum().item() / 9)


class Watched(nn.Module):
    """Notes the modes and whether gradients are on; the second call fails."""

    def __init__(self):
        super().__init__()
        self.part, self.seen = nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 4)), []
        self.part[0].eval()

    def modes(self):
        return [module.training for module in self.modules()]

    def forward(self, x):
        self.seen.append((any(self.modes()), torch.is_grad_enabled()))
        if len(self.seen) == 2:
            raise InterruptedError
        return self.part(x)


@pytest.mark.correctness
def test_evaluate_restores_every_mode():
    model = Watched()
    before = model.modes()
    evaluate(model, batches(3), nn.CrossEntropyLoss(), "cpu")
    assert model.modes() == before
    with pytest.raises(InterruptedError):
        evaluate(model, batches(3), nn.CrossEntropyLoss(), "cpu")
    assert model.modes() == before
    assert model.seen == [(False, False)] * 2


@pytest.mark.gpu
def test_evaluate_reads_back_twice_at_most(device, trace):
    model, data = classifier().to(device), batches(3, 3, 3, 2)
    with trace() as seen:
        evaluate(model, data, nn.CrossEntropyLoss(), device)
    assert seen.readbacks + seen.to_host <= 2


# train


def by_hand(model, data, epochs, max_norm=None):
    """The plain loop with plain SGD, spelled out."""
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in data:
            loss = nn.functional.cross_entropy(model(inputs), targets)
            parameters = list(model.parameters())
            gradients = torch.autograd.grad(loss, parameters)
            norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
            scale = 1.0 if max_norm is None else min(1.0, max_norm / norm.item())
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.data -= 0.1 * scale * gradient
            total += loss.item() * len(targets)
        losses.append(total / sum(len(targets) for _, targets in data))
    return losses


@pytest.mark.correctness
@pytest.mark.parametrize("max_norm", [None, 0.05])
def test_train_reports_the_mean_over_samples(max_norm):
    model, data = classifier(), batches(4, 4, 1)
    other = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = train(model, data, optimizer, nn.CrossEntropyLoss(), 3, "cpu", max_norm)
    assert losses == pytest.approx(by_hand(other, data, 3, max_norm), rel=1e-4)
    same_weights(model, other)


@pytest.mark.correctness
def test_train_runs_in_train_mode():
    model = Watched().eval()
    train(model, batches(3), sgd(model), nn.CrossEntropyLoss(), 1, "cpu")
    assert model.seen == [(True, True)]
    assert train(model, batches(3), sgd(model), nn.CrossEntropyLoss(), 0, "cpu") == []


@pytest.mark.gpu
def test_train_reads_back_once_an_epoch(device, trace):
    model, data = classifier().to(device), batches(3, 3, 2)
    optimizer = sgd(model)
    with trace() as seen:
        train(model, data, optimizer, nn.CrossEntropyLoss(), 2, device, max_norm=1.0)
    assert seen.readbacks + seen.to_host <= 2


@pytest.mark.speed
def test_train_does_not_go_over_all_losses_at_each_step(times_faster):
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    data = [(torch.randn(4, 3), torch.randn(4, 1)) for _ in range(600)]

    def loop():
        losses, sizes = [], []
        for inputs, targets in data:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(inputs), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach() * len(targets))
            sizes.append(len(targets))
            mean = sum(losses) / sum(sizes)
        return [mean.item()]

    faster = times_faster(lambda: train(model, data, optimizer, nn.MSELoss(), 1, "cpu"), loop)
    assert faster > 1.7, f"a loop over all earlier losses at each step takes only {faster:.1f} times as long"


# accumulated_step


@pytest.mark.correctness
def test_accumulated_step_equals_one_step_on_everything():
    model, pieces = classifier(), batches(4, 1, 3)
    inputs, targets = (torch.cat(parts) for parts in zip(*pieces, strict=True))
    other = copy.deepcopy(model)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = accumulated_step(model, optimizer, nn.CrossEntropyLoss(), iter(pieces))
    (expected,) = by_hand(other, [(inputs, targets)], 1)
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert not loss.requires_grad
    same_weights(model, other)
