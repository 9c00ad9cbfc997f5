"""Construct a Model: modules, modules in modules, ModuleList, buffers, and what a model consists of.

`nn.Module` keeps a register. A Parameter, a module or a buffer that becomes an attribute in `__init__` is found by
`parameters()`, `state_dict()` and `.to()`; what sits in a plain Python list, in a plain tensor attribute, or is built
anew in `forward`, is not found: it is neither trained nor saved nor moved.

Rules for this module: every class is an `nn.Module` (its `__init__` calls `super().__init__()` first), everything that
learns is built in `__init__`, no `forward` writes to its input, and results stay on the device of the input.
"""

import math

import torch
from torch import Tensor, nn


class ParallelLinears(nn.Module):
    """Several Linear layers side by side: each one gets the same input.

    Args:
        dim: features of the input and of every output.
        count: number of layers, at least 1.

    Attributes:
        linear_list: an `nn.ModuleList` of `count` different `nn.Linear(dim, dim)`, so that the parameters are called
            `linear_list.0.weight`, `linear_list.0.bias`, `linear_list.1.weight`, … The layers share nothing, and each
            has initial values of its own.

    >>> model = ParallelLinears(dim=4, count=3)
    >>> outputs = model(torch.zeros(2, 4))
    >>> type(outputs), len(outputs), outputs[0].shape
    (<class 'tuple'>, 3, torch.Size([2, 4]))

    Slide: Construct a Model, "ModuleList".
    """

    def __init__(self, dim: int, count: int) -> None:
        raise NotImplementedError("ParallelLinears.__init__")

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Apply every layer to the same input.

        Args:
            x: (…, dim), for example (B, dim) or (B, T, dim).

        Returns:
            A tuple of `count` tensors (…, dim), one for each layer, in the order of `linear_list`.
        """
        raise NotImplementedError("ParallelLinears.forward")


class Classifier(nn.Module):
    """A perceptron with one hidden layer, as logits.

    Args:
        in_dim: features of the input.
        hidden: features between the two Linear layers.
        classes: number of logits.

    Attributes:
        layers: one `nn.Sequential` of Linear(in_dim, hidden), ReLU, Linear(hidden, classes), so that the parameters are
            called `layers.0.weight`, `layers.0.bias`, `layers.2.weight` and `layers.2.bias`.

    >>> model = Classifier()
    >>> model(torch.zeros(3, 128)).shape
    torch.Size([3, 2])
    >>> list(model.state_dict())
    ['layers.0.weight', 'layers.0.bias', 'layers.2.weight', 'layers.2.bias']

    Slide: Construct a Model, "Sequential".
    """

    def __init__(self, in_dim: int = 128, hidden: int = 128, classes: int = 2) -> None:
        raise NotImplementedError("Classifier.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_dim) to logits (B, classes): no softmax behind the last layer."""
        raise NotImplementedError("Classifier.forward")


class ResidualMLP(nn.Module):
    """A stack of residual blocks: `x + block(x)`, `depth` times, each block on the result of the one before.

    Args:
        dim: features of the input, of the output and of everything in between.
        depth: number of blocks, at least 1.

    Attributes:
        blocks: an `nn.ModuleList` of `depth` blocks. A block is Linear(dim, dim), ReLU, Linear(dim, dim), as a
            Sequential or as a module of your own. The blocks share nothing, and each has initial values of its own.

    >>> model = ResidualMLP(dim=4, depth=2)
    >>> model(torch.zeros(3, 4)).shape
    torch.Size([3, 4])
    >>> sum(parameter.numel() for parameter in model.parameters())
    80

    Slide: Construct a Model, "Use Modules in Modules"; He et al., 2016.
    """

    def __init__(self, dim: int, depth: int) -> None:
        raise NotImplementedError("ResidualMLP.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """(…, dim), for example (B, dim) or (B, T, dim), to the same shape; x is not written to."""
        raise NotImplementedError("ResidualMLP.forward")


class PositionalEncoding(nn.Module):
    """Add to each position of a sequence a pattern of sines that tells the positions apart.

    Args:
        dim: features of a position, odd or even.
        max_len: number of positions that the table knows, at least 1.

    Attributes:
        table: (max_len, dim), a buffer: it is saved in the state_dict, moved by `.to()` and never trained.
            `table[p, 2i] = sin(p · 10000^(-2i/dim))` and `table[p, 2i+1]` is the cosine of the same angle, both for
            p = 0, 1, …, right within 1e-4. An odd dim ends in a sine.

    >>> PositionalEncoding(dim=3, max_len=2).table
    tensor([[0.0000, 1.0000, 0.0000],
            [0.8415, 0.5403, 0.0022]])

    Slide: Construct a Model, "buffers"; Vaswani et al., 2017.
    """

    table: Tensor

    def __init__(self, dim: int, max_len: int) -> None:
        raise NotImplementedError("PositionalEncoding.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """Add the first T rows of the buffer `table` to every sequence of the batch.

        Args:
            x: (B, T, dim), with T from 0 to max_len; it is not written to.

        Returns:
            (B, T, dim), a new tensor.

        Raises:
            ValueError: T is greater than max_len; the message names `x`, its positions, its length `T`, or `max_len`.
        """
        raise NotImplementedError("PositionalEncoding.forward")


class StackedLinears(nn.Module):
    """The same maps as `count` Linear layers, with all their weights in one Parameter.

    Where `ParallelLinears` calls one layer after the other, this module does all the work in a few calls, however
    many maps there are: no Python loop over `count`.

    Args:
        dim: features of the input and of every output.
        count: number of maps, at least 1.

    Attributes:
        weight: a Parameter (count, dim, dim); `weight[k]` is what `nn.Linear.weight` is to map k, (out, in).
        bias: a Parameter (count, dim). These two are all parameters of the module. No two `weight[k]` start alike; how
            they are drawn is up to you, but they are finite numbers.

    >>> model = StackedLinears(dim=4, count=3)
    >>> model(torch.zeros(2, 4)).shape
    torch.Size([3, 2, 4])
    >>> {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    {'weight': (3, 4, 4), 'bias': (3, 4)}

    Slide: Construct a Model, "Parameter".
    """

    def __init__(self, dim: int, count: int) -> None:
        raise NotImplementedError("StackedLinears.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """(B, dim) to (count, B, dim): row k of the result is x @ weight[k].T + bias[k]."""
        raise NotImplementedError("StackedLinears.forward")


def count_parameters(model: nn.Module, trainable_only: bool = False) -> int:
    """Count the numbers that a model has learnt: the elements of all its Parameters.

    Args:
        model: any module, also one without parameters. Buffers don't count.
        trainable_only: leave out the Parameters whose `requires_grad` is False.

    Returns:
        How many scalars; one Parameter object that is in several places of the model counts once. (Two objects are
        two, even where they share their memory.)

    >>> count_parameters(nn.Linear(3, 2))
    8
    >>> layer = nn.Linear(3, 2)
    >>> count_parameters(nn.Sequential(layer, nn.ReLU(), layer))
    8

    Slide: Construct a Model, "parameters".
    """
    raise NotImplementedError("count_parameters")


def collect_state(model: nn.Module) -> dict[str, Tensor]:
    """Collect what `model.state_dict()` holds, by walking the module tree.

    *Build it*: the grader makes `nn.Module.state_dict` raise while this function runs.

    Args:
        model: any module. It stays as it is.

    Returns:
        A dict (an OrderedDict is one) with the keys of `state_dict()` in the same order: of each module first its own
        parameters, then its own buffers, then its children, one after the other, with the names of the way there, as in
        `layers.0.weight`. The values are the model's own tensors, detached but on the same storage: writing to one
        writes to the model. A module or Parameter that is in the model under several names stands under each of them
        (the `named_…` methods leave repetitions out unless you say otherwise). What is None is left out, and so are
        non-persistent buffers: a module keeps their names in its set `_non_persistent_buffers_set`.
        State hooks and extra state are not asked for.

    >>> list(collect_state(nn.Sequential(nn.Linear(2, 2, bias=False), nn.BatchNorm1d(2))))
    ['0.weight', '1.weight', '1.bias', '1.running_mean', '1.running_var', '1.num_batches_tracked']
    >>> layer = nn.Linear(2, 1)
    >>> collect_state(layer)["bias"].fill_(7)
    tensor([7.])
    >>> layer.bias.item()
    7.0

    Slide: Construct a Model, "state_dict".
    """
    raise NotImplementedError("collect_state")
