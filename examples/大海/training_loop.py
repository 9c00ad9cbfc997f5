from collections.abc import Callable, Iterable
import torch
from torch import Tensor, nn
Batches = Iterable[tuple[Tensor, Tensor]]
LossFunction = Callable[[Tensor, Tensor], Tensor]
Snapshot = dict[str, tuple[Tensor, Tensor | None]]

def train_step(model: nn.Module, optimizer: torch.optim.Optimizer, loss_fn: LossFunction, inputs: Tensor, targets: Tensor) -> Tensor:
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.detach()

def fit_linear(x: Tensor, y: Tensor, weight: float, bias: float, lr: float, epochs: int) -> tuple[float, float, list[float]]:
    w, b = (torch.tensor(start, dtype=x.dtype, device=x.device, requires_grad=True) for start in (weight, bias))
    optimizer = torch.optim.SGD([w, b], lr=lr)
    losses = []
    for _ in range(epochs):
        loss = (w * x + b - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return (w.item(), b.item(), losses)

def fit_polynomial(x: Tensor, y: Tensor, a: float, b: float, lr: float, steps: int) -> tuple[float, float, float]:
    for _ in range(steps):
        residual = a * x ** 2 + b - y
        a_gradient, b_gradient = ((2 * residual * x ** 2).mean().item(), (2 * residual).mean().item())
        a, b = (a - lr * a_gradient, b - lr * b_gradient)
    return (float(a), float(b), (y - (a * x ** 2 + b)).square().mean().item())

def gradient_history(model: nn.Module, optimizer: torch.optim.Optimizer, loss_fn: LossFunction, inputs: Tensor, targets: Tensor) -> list[Snapshot]:
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
    return {name: (parameter.detach().clone(), None if parameter.grad is None else parameter.grad.clone()) for name, parameter in model.named_parameters()}

def evaluate(model: nn.Module, loader: Batches, loss_fn: LossFunction, device: str | torch.device) -> tuple[float, float]:
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        loss, correct, count = _totals(model, loader, loss_fn, device)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return (loss / count, correct / count)

@torch.no_grad()
def _totals(model: nn.Module, loader: Batches, loss_fn: LossFunction, device: str | torch.device) -> tuple[float, float, int]:
    loss, correct = (torch.zeros((), device=device), torch.zeros((), device=device))
    count = 0
    for inputs, targets in loader:
        inputs, targets = (inputs.to(device), targets.to(device))
        logits = model(inputs)
        loss = loss + loss_fn(logits, targets) * len(targets)
        correct = correct + (logits.argmax(dim=1) == targets).sum()
        count += len(targets)
    return (loss.item(), correct.item(), count)

def train(model: nn.Module, loader: Batches, optimizer: torch.optim.Optimizer, loss_fn: LossFunction, epochs: int, device: str | torch.device, max_norm: float | None=None) -> list[float]:
    losses = []
    model.train()
    for _ in range(epochs):
        total, count = (torch.zeros((), device=device), 0)
        for inputs, targets in loader:
            inputs, targets = (inputs.to(device), targets.to(device))
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

def accumulated_step(model: nn.Module, optimizer: torch.optim.Optimizer, loss_fn: LossFunction, micro_batches: Batches) -> Tensor:
    pieces = list(micro_batches)
    count = sum((len(targets) for _, targets in pieces))
    losses = []
    optimizer.zero_grad()
    for inputs, targets in pieces:
        loss = loss_fn(model(inputs), targets) * (len(targets) / count)
        loss.backward()
        losses.append(loss.detach())
    optimizer.step()
    return torch.stack(losses).sum()
