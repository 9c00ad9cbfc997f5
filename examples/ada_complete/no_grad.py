from collections.abc import Iterable
import torch
from torch import Tensor, nn

def freeze(module: nn.Module) -> int:
    trainable = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for parameter in trainable:
        parameter.requires_grad_(False)
    return len(trainable)

def sgd_update(parameters: Iterable[Tensor], lr: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is not None:
                parameter -= lr * parameter.grad

def ema_update(target: nn.Module, source: nn.Module, decay: float) -> None:
    with torch.no_grad():
        for own, other in zip(target.parameters(), source.parameters(), strict=True):
            own.mul_(decay).add_(other, alpha=1 - decay)
        for own, other in zip(target.buffers(), source.buffers(), strict=True):
            own.copy_(other)

def running_total(losses: Iterable[Tensor]) -> Tensor:
    return torch.stack([loss.detach() for loss in losses]).sum()

def straight_through_round(x: Tensor) -> Tensor:
    return x + (x.round() - x).detach()

def snapshot(module: nn.Module) -> dict[str, Tensor]:
    return {name: parameter.detach().clone() for name, parameter in module.named_parameters()}

def shares_memory(a: Tensor, b: Tensor) -> bool:
    return bool(torch.isin(_addresses(a), _addresses(b)).any())

def _addresses(x: Tensor) -> Tensor:
    starts = torch.tensor([x.data_ptr()])
    for size, stride in zip(x.shape, x.stride(), strict=True):
        starts = (starts[:, None] + torch.arange(size) * stride * x.element_size()).flatten()
    return (starts[:, None] + torch.arange(x.element_size())).flatten()

def consistency_loss(student: nn.Module, teacher: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        wanted = teacher(x)
    loss: Tensor = (student(x) - wanted).square().mean()
    return loss
