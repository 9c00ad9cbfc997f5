"""Run without gradient: freezing, updating in place, and what is cut from a graph and what is not.

Autograd notes every operation on a tensor that requires a gradient. Three tools keep it from doing so, and each does
one thing only. `requires_grad_(False)` marks a tensor as not trained. `torch.no_grad()` stops the notes for a block of
code; what is computed inside has no graph. `detach()` gives a second tensor without a graph *on the same memory*, so it
is not a copy: a write to one shows in the other. None of the three has to do with `eval()`, which changes what dropout
and batch norm compute and leaves gradients alone.

Rules for this module: no task changes the mode (`training`) of a module, or whether gradients are on
(`torch.is_grad_enabled()`) once it has returned. Unless its docstring says so, it writes to no argument, and sets no
`requires_grad`. On an accelerator it copies nothing from or to the CPU and reads nothing back: a Python number needs no
tensor.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn


def freeze(module: nn.Module) -> int:
    """Put all Parameters of a module out of training.

    Args:
        module: any module, also one without Parameters. Afterwards `requires_grad` is False on each of its Parameters,
            those of its submodules included. Values, gradients, buffers and modes stay as they are.

    Returns:
        How many Parameters it changed: those that were trainable before. One Parameter in several places of the module
        counts once.

    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    >>> model[0].weight.requires_grad_(False).shape
    torch.Size([3, 2])
    >>> freeze(model), freeze(model)
    (3, 0)

    Slide: Run without gradient, "requires_grad".
    """
    trainable = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for parameter in trainable:
        parameter.requires_grad_(False)
    return len(trainable)


def sgd_update(parameters: Iterable[Tensor], lr: float) -> None:
    """Take one step of gradient descent: p - lr · p.grad becomes the new value of each p.

    The step is written into the tensors themselves: each stays the same object on the same memory, so that a model, an
    optimizer or a view that holds it sees the new values, and it stays a leaf that requires a gradient.
    (`p = p - lr * p.grad` would only give the name p to another tensor.)

    Args:
        parameters: leaves that require a gradient, of any shape, layout and float dtype, as a list, as the generator
            `model.parameters()`, or as any other iterable. Where `.grad` is None, the tensor stays as it is.
        lr: learning rate, at least 0.

    >>> weight = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> weight.square().sum().backward()
    >>> sgd_update([weight], lr=0.25)
    >>> weight
    tensor([0.5000, 1.0000], requires_grad=True)

    Slide: Run without gradient, "no_grad".
    """
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is not None:
                parameter -= lr * parameter.grad


def ema_update(target: nn.Module, source: nn.Module, decay: float) -> None:
    """Move a model towards another one, as the exponential moving average of its weights.

    Each Parameter of the target becomes target · decay + source · (1 - decay). A buffer is a statistic or a count and
    is not averaged: it takes the value that it has in the source, integers as well. The Parameters stay the same
    objects on the same memory, with the `requires_grad` that they had and without a graph; later changes of the source
    don't show in the target.

    The work grows with the number of tensors, not with its square: look nothing up by building a whole dict each time.

    Args:
        target: the module that is changed.
        source: a module that registers Parameters and buffers of the same names and shapes in the same order; it stays
            as it is.
        decay: from 0, where the target becomes the source, to 1, where its Parameters stay.

    Non-persistent buffers are not in a state_dict, and whether they are copied is up to you.

    >>> target, source = nn.LayerNorm(2), nn.LayerNorm(2)  # weights of 1
    >>> _ = source.load_state_dict({"weight": torch.tensor([3.0, 5.0]), "bias": torch.zeros(2)})
    >>> ema_update(target, source, decay=0.75)
    >>> target.weight
    Parameter containing:
    tensor([1.5000, 2.0000], requires_grad=True)

    Slide: Run without gradient, "no_grad"; Tarvainen and Valpola, 2017.
    """
    with torch.no_grad():
        for own, other in zip(target.parameters(), source.parameters(), strict=True):
            own.mul_(decay).add_(other, alpha=1 - decay)
        for own, other in zip(target.buffers(), source.buffers(), strict=True):
            own.copy_(other)


def running_total(losses: Iterable[Tensor]) -> Tensor:
    """Add up losses for a report, without keeping their graphs.

    A plain `total += loss` would tie the graphs of all batches together and keep every one of them in memory; and
    `loss.item()` makes an accelerator wait until the value has arrived in Python.

    Args:
        losses: at least one 0-d tensor, as a list, a generator or any other iterable, all on one device and of one
            float dtype. They are only read: values and graphs stay as they are, and `backward()` works afterwards.

    Returns:
        Their sum: a 0-d tensor of that dtype, or of a wider one, on that device, that requires no gradient and has no
        graph. No value is read back to Python, neither by `item()` nor by `float()`.

    >>> weight = torch.tensor(2.0, requires_grad=True)
    >>> running_total([weight * 3, weight.square()])
    tensor(10.)

    Slide: Run without gradient, "detach".
    """
    return torch.stack([loss.detach() for loss in losses]).sum()


def straight_through_round(x: Tensor) -> Tensor:
    """Round to integers, and let the gradient pass as if nothing had been rounded.

    The derivative of rounding is 0 almost everywhere, so nothing in front of it would learn. The straight-through
    estimator takes the value of `round(x)` and the derivative of `x`.

    Args:
        x: finite numbers of any shape, layout and float dtype; it is not written to.

    Returns:
        A tensor with the shape and dtype of x, and the values of `torch.round(x)`, up to rounding of the last digit:
        halves go to the even neighbor. Its gradient is handed on to x unchanged. It requires one only where x does.

    >>> x = torch.tensor([0.5, 1.5, -1.7], requires_grad=True)
    >>> rounded = straight_through_round(x)
    >>> rounded.tolist()
    [0.0, 2.0, -2.0]
    >>> (rounded * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    >>> x.grad
    tensor([1., 2., 3.])

    Slide: Run without gradient, "detach"; Bengio et al., 2013.
    """
    return x + (x.round() - x).detach()


def snapshot(module: nn.Module) -> dict[str, Tensor]:
    """Copy the Parameters of a module, to compare with them or go back to them later.

    Args:
        module: any module, also one without Parameters; it stays as it is.

    Returns:
        A dict (an OrderedDict is one) with the keys of `module.named_parameters()`, in their order; one Parameter in
        several places stands under its first name only, and buffers are left out. The values have the dtype and the
        numbers of the Parameters at this time, require no gradient, and have memory of their own: training the module
        doesn't change them, and a write to them doesn't change the module.

    >>> layer = nn.Linear(2, 1)
    >>> saved = snapshot(layer)
    >>> list(saved)
    ['weight', 'bias']
    >>> with torch.no_grad():
    ...     layer.bias += 1.0
    >>> torch.equal(layer.bias, saved["bias"] + 1.0)
    True

    Slide: Run without gradient, "detach is not a copy".
    """
    return {name: parameter.detach().clone() for name, parameter in module.named_parameters()}


def shares_memory(a: Tensor, b: Tensor) -> bool:
    """Tell whether a write through one tensor can show in the other: whether they have a byte in common.

    A view, `detach()`, `.data`, a Parameter made from a tensor, and two `torch.from_numpy` of one array share memory; a
    clone doesn't. Two views of one storage need not share anything: `x[::2]` and `x[1::2]` lie between each other, and
    no write to one shows in the other. Neither the address where a tensor begins nor that of its storage tells.

    Args:
        a: a tensor in main memory, of any shape, dtype and strides, that may require a gradient. It is not changed.
        b: another one, or the same; the dtypes may differ.

    Returns:
        True or False, exactly. A tensor without elements has no bytes and shares nothing. The time that it takes may
        grow with the number of elements.

    >>> x = torch.arange(6)
    >>> shares_memory(x, x.detach()), shares_memory(x, x.clone())
    (True, False)
    >>> shares_memory(x[:4], x[3:]), shares_memory(x[::2], x[1::2])
    (True, False)

    Slide: Run without gradient, "detach is not a copy".
    """
    return bool(torch.isin(_addresses(a), _addresses(b)).any())


def _addresses(x: Tensor) -> Tensor:
    """The addresses of all bytes of a tensor."""
    starts = torch.tensor([x.data_ptr()])
    for size, stride in zip(x.shape, x.stride(), strict=True):
        starts = (starts[:, None] + torch.arange(size) * stride * x.element_size()).flatten()
    return (starts[:, None] + torch.arange(x.element_size())).flatten()


def consistency_loss(student: nn.Module, teacher: nn.Module, x: Tensor) -> Tensor:
    """Ask a student to answer as its teacher does, without teaching the teacher.

    Args:
        student: the module that is trained.
        teacher: a module whose outputs have the shape of the student's. It is a constant: the gradients of the loss
            reach no Parameter of it, though some or all of them may require one. Its flags, `requires_grad` and
            `training`, stay as they are, and so do gradients that it may have. Both modules run in the mode that they
            are in: what cuts the graph is not `eval()`.
        x: the input of both; it is not written to. Whether it gets a gradient through the teacher is up to you.

    Returns:
        The mean over all elements of (student(x) - teacher(x))², a 0-d tensor; its `backward()` gives the student's
        Parameters their gradients.

    >>> student, teacher = nn.Linear(3, 2), nn.Linear(3, 2)
    >>> consistency_loss(student, teacher, torch.ones(4, 3)).backward()
    >>> student.weight.grad.shape, teacher.weight.grad, teacher.weight.requires_grad
    (torch.Size([2, 3]), None, True)

    Slide: Run without gradient, "no_grad"; Tarvainen and Valpola, 2017.
    """
    with torch.no_grad():
        wanted = teacher(x)
    loss: Tensor = (student(x) - wanted).square().mean()
    return loss
