"""Train a Model: from one step of gradient descent to loops that train, evaluate and accumulate.

A step has four parts: clear the gradients, compute the loss, `backward`, `optimizer.step`. `backward` adds to what
stands in `.grad`, so gradients that are not cleared pile up; `step` reads what stands there, so a gradient that is
clipped behind it has no effect.

A loop around it has three more duties. A mean over samples weights each batch by its size, for the last batch is often
short. A loss that is kept for a report is detached, else it keeps the graph of its step alive. And `.item()` waits for
the device, so numbers are added up where they are and read back once.

Rules for this module: a loss function is called as `loss_fn(outputs, targets)` and returns the mean over the batch, a
scalar. An optimizer is one of `torch.optim`, built over the parameters of the model in one group or several; some may
be frozen, and then have no gradient. A step calls the model once on each batch. Inputs and targets are never written
to. Modes, flags and what is set in torch, like its seed, stay as they were, where nothing else is said.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

Batches = Iterable[tuple[Tensor, Tensor]]
LossFunction = Callable[[Tensor, Tensor], Tensor]
Snapshot = dict[str, tuple[Tensor, Tensor | None]]


def train_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, loss_fn: LossFunction, inputs: Tensor, targets: Tensor
) -> Tensor:
    """One step of training on one batch.

    Old gradients don't count: they may be cleared at any time before `backward`.

    Args:
        model: it stays in the mode, train or eval, in which it is.
        optimizer: of the model's parameters.
        loss_fn: called as `loss_fn(outputs, targets)`, in this order.
        inputs: (B, …), on the device of the model.
        targets: what `loss_fn` compares the outputs with, on the same device.

    Returns:
        The loss from before the update, a scalar tensor on the device, detached from its graph. Nothing is read back
        to Python.

    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(model.weight)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
    >>> train_step(model, optimizer, nn.MSELoss(), torch.tensor([[1.0]]), torch.tensor([[3.0]]))
    tensor(4.)
    >>> model.weight.item()
    2.0

    Slide: Train a Model, "step".
    """
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.detach()


def fit_linear(
    x: Tensor, y: Tensor, weight: float, bias: float, lr: float, epochs: int
) -> tuple[float, float, list[float]]:
    """Linear regression by gradient descent: y' = weight·x + bias, and the loss is the mean of (y' - y)².

    An epoch is one step on all points.

    Args:
        x: (N,) or (N, 1), floating, N at least 1.
        y: in the shape and dtype of x.
        weight: where to start.
        bias: where to start.
        lr: learning rate.
        epochs: number of steps, 0 or more.

    Returns:
        `(weight, bias, losses)` as Python numbers: where the descent ends, and a loss for each epoch, as it was before
        the update of that epoch.

    >>> fit_linear(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 3.0]), weight=0.0, bias=1.0, lr=0.25, epochs=2)
    (0.375, 1.1875, [2.5, 1.28125])
    >>> fit_linear(torch.ones(3, 1), torch.ones(3, 1), weight=2.0, bias=1.0, lr=0.1, epochs=0)
    (2.0, 1.0, [])

    Slide: Train a Model, "linear regression".
    """
    w, b = (torch.tensor(start, dtype=x.dtype, device=x.device, requires_grad=True) for start in (weight, bias))
    optimizer = torch.optim.SGD([w, b], lr=lr)
    losses = []
    for _ in range(epochs):
        loss = (w * x + b - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return w.item(), b.item(), losses


def fit_polynomial(x: Tensor, y: Tensor, a: float, b: float, lr: float, steps: int) -> tuple[float, float, float]:
    """Gradient descent on y' = a·x² + b with the loss L = mean of (y - y')².

    With r = y' - y the gradients are dL/da = mean of 2·r·x² and dL/db = mean of 2·r; both are taken before either
    number changes.

    Args:
        x: (N,), floating, N at least 1.
        y: (N,), in the dtype of x.
        a: where to start.
        b: where to start.
        lr: learning rate.
        steps: number of steps, 0 or more.

    Returns:
        `(a, b, loss)` as Python numbers, the loss computed anew after the last step.

    >>> fit_polynomial(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0]), a=0.0, b=0.0, lr=0.125, steps=1)
    (2.125, 0.625, 14.6640625)

    Slide: Train a Model, "gradient descent".
    """
    for _ in range(steps):
        residual = a * x**2 + b - y
        a_gradient, b_gradient = (2 * residual * x**2).mean().item(), (2 * residual).mean().item()
        a, b = a - lr * a_gradient, b - lr * b_gradient
    return float(a), float(b), (y - (a * x**2 + b)).square().mean().item()


def gradient_history(
    model: nn.Module, optimizer: torch.optim.Optimizer, loss_fn: LossFunction, inputs: Tensor, targets: Tensor
) -> list[Snapshot]:
    """Watch values and gradients through one step of training: `zero_grad`, `backward`, `step`, `zero_grad`.

    Args:
        model: it stays in its mode.
        optimizer: of the model's parameters; gradients from before may still stand in them.
        loss_fn: called as `loss_fn(outputs, targets)`.
        inputs: (B, …).
        targets: what `loss_fn` compares the outputs with.

    Returns:
        Four dicts, one after each of the four calls. Each maps the name of every parameter, as `named_parameters()`
        gives it, to a tuple (value, gradient) of tensors, the gradient None where there is none. They are copies: what
        happens later does not show in them. A cleared gradient may be None or zeros, whichever `zero_grad` leaves.

    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(model.weight)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
    >>> history = gradient_history(model, optimizer, nn.MSELoss(), torch.tensor([[1.0]]), torch.tensor([[3.0]]))
    >>> [snapshot["weight"][0].item() for snapshot in history]
    [1.0, 1.0, 2.0, 2.0]
    >>> [snapshot["weight"][1] for snapshot in history]
    [None, tensor([[-4.]]), tensor([[-4.]]), None]

    Slide: Train a Model, "zero_grad, backward, step".
    """
    history = []
    optimizer.zero_grad()
    history.append(_snapshot(model))
    loss_fn(model(inputs), targets).backward()
    history.append(_snapshot(model))
    optimizer.step()
    history.append(_snapshot(model))
    optimizer.zero_grad()
    history.append(_snapshot(model))
    return history


def _snapshot(model: nn.Module) -> Snapshot:
    """Copies of all parameters and their gradients."""
    return {
        name: (parameter.detach().clone(), None if parameter.grad is None else parameter.grad.clone())
        for name, parameter in model.named_parameters()
    }


def evaluate(
    model: nn.Module, loader: Batches, loss_fn: LossFunction, device: str | torch.device
) -> tuple[float, float]:
    """Loss and accuracy of a classifier over a whole data set.

    The model is in eval mode while it runs, and nothing is recorded for gradients. On the way out every submodule has
    the mode it had before, after an exception too, which goes on. Parameters, buffers and gradients stay as they are.

    Args:
        model: gives logits (B, C); it is on `device` already.
        loader: any iterable of at least one batch `(inputs, targets)`, each gone through once; a generator will do.
            Inputs (B, …) and targets (B,), long, may be on the CPU and are moved to `device`.
        loss_fn: the mean over a batch. Batches may be of different sizes; often the last is short.
        device: where the model is.

    Returns:
        `(loss, accuracy)` as Python floats: the mean loss per sample, and the share of samples, from 0 to 1, whose
        largest logit is the target's. At most two values are read back from the device in all.

    >>> batches = [(torch.eye(2), torch.tensor([0, 1])), (torch.eye(2)[:1], torch.tensor([1]))]
    >>> loss, accuracy = evaluate(nn.Identity(), batches, nn.CrossEntropyLoss(), "cpu")
    >>> round(loss, 4), round(accuracy, 4)
    (0.6466, 0.6667)

    Slide: Train a Model, "evaluate".
    """
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        loss, correct, count = _totals(model, loader, loss_fn, device)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return loss / count, correct / count


@torch.no_grad()
def _totals(
    model: nn.Module, loader: Batches, loss_fn: LossFunction, device: str | torch.device
) -> tuple[float, float, int]:
    """Sums over all samples: loss, right answers, and how many there are."""
    loss, correct = torch.zeros((), device=device), torch.zeros((), device=device)
    count = 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        logits = model(inputs)
        loss = loss + loss_fn(logits, targets) * len(targets)
        correct = correct + (logits.argmax(dim=1) == targets).sum()
        count += len(targets)
    return loss.item(), correct.item(), count


def train(
    model: nn.Module,
    loader: Batches,
    optimizer: torch.optim.Optimizer,
    loss_fn: LossFunction,
    epochs: int,
    device: str | torch.device,
    max_norm: float | None = None,
) -> list[float]:
    """Train a model for some epochs and report the loss of each.

    The model is in train mode while it trains. A step on each batch: clear, forward, loss, backward, clip, step. No
    step keeps the graphs of the steps before it alive, and the cost of a step does not grow with their number.

    Args:
        model: it is on `device` already.
        loader: like a DataLoader, gone through anew in each epoch, perhaps in another order each time. At least one
            batch `(inputs, targets)`; batches may be of different sizes and on the CPU, and are moved to `device`.
        optimizer: of the model's parameters.
        loss_fn: the mean over a batch.
        epochs: 0 or more.
        device: where the model is.
        max_norm: a positive limit for the 2-norm of all gradients together; they are scaled down where it is exceeded.
            None: no clipping.

    Returns:
        For each epoch the mean loss per sample, as a Python float: of the losses as they were in the steps, each batch
        weighted by its size. At most one value is read back from the device in an epoch.

    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(model.weight)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
    >>> train(model, [(torch.tensor([[1.0]]), torch.tensor([[3.0]]))], optimizer, nn.MSELoss(), 2, "cpu")
    [4.0, 1.0]

    Slide: Train a Model, "training loop".
    """
    losses = []
    model.train()
    for _ in range(epochs):
        total, count = torch.zeros((), device=device), 0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            if max_norm is not None:
                nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            total = total + loss.detach() * len(targets)
            count += len(targets)
        losses.append(total.item() / count)
    return losses


def accumulated_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, loss_fn: LossFunction, micro_batches: Batches
) -> Tensor:
    """One step on a batch that does not fit into memory, in pieces.

    The update equals that of one step on all pieces put together: `backward` adds up the gradients of the pieces, each
    weighted by its share of the samples. Old gradients don't count.

    Args:
        model: each piece goes through it in one call; no layer mixes the samples of a batch. It stays in its mode.
        optimizer: of the model's parameters; it makes one step.
        loss_fn: the mean over a batch.
        micro_batches: any iterable of at least one piece `(inputs, targets)`, gone through once; a generator will do.
            The pieces may be of different sizes.

    Returns:
        The loss of the whole batch from before the update, a scalar tensor, detached from its graph.

    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(model.weight)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
    >>> pieces = [(torch.ones(3, 1), torch.ones(3, 1)), (torch.ones(1, 1), torch.full((1, 1), 5.0))]
    >>> accumulated_step(model, optimizer, nn.MSELoss(), pieces)
    tensor(4.)
    >>> model.weight.item()
    1.5

    Slide: Train a Model, "gradient accumulation".
    """
    pieces = list(micro_batches)
    count = sum(len(targets) for _, targets in pieces)
    losses = []
    optimizer.zero_grad()
    for inputs, targets in pieces:
        loss = loss_fn(model(inputs), targets) * (len(targets) / count)
        loss.backward()
        losses.append(loss.detach())
    optimizer.step()
    return torch.stack(losses).sum()
