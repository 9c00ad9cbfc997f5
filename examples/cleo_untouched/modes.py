"""train() and eval(): layers with two ways to run, and how to change between them without leaving traces.

Every `nn.Module` has a flag, `training`. `model.train()` sets it in the model and in everything inside, `model.eval()`
clears it. The flag alone does nothing: it is a layer's `forward` that looks at it. Dropout drops only while it is set;
batch norm then normalizes by the batch and keeps a running average, and by that average afterwards.

The flag has nothing to do with gradients: eval() doesn't stop them, and `torch.no_grad()` doesn't stop dropout, nor
the running average of batch norm.

Rules for this module: no function or `forward` writes to its input, results stay on the device of the input, and a
mode that is changed for a while is put back in every submodule: a model need not be in one mode as a whole.
"""

import contextlib
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Inverted dropout: while training, each entry becomes 0 with probability p, and the others grow to make up for it.

    *Build it*: the grader makes every dropout of torch raise that is called while this layer is built or runs
    (`nn.Dropout`, `F.dropout`, `torch.dropout`, … under all their names).

    Args:
        p: probability that an entry is dropped, 0 ≤ p < 1.

    Raises:
        ValueError: p is outside [0, 1), or NaN; the message names `p`. It is raised when the layer is built.

    >>> layer = Dropout(p=0.5)
    >>> sorted(set(layer(torch.ones(1000)).tolist()))
    [0.0, 2.0]
    >>> layer.eval()(torch.ones(3))
    tensor([1., 1., 1.])

    Slide: train() and eval(), "Dropout"; Srivastava et al., 2014.
    """

    def __init__(self, p: float = 0.5) -> None:
        raise NotImplementedError("Dropout.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """Drop entries of x while `self.training`; otherwise hand on its values as they are.

        Args:
            x: floating point, of any shape, also 0-d or empty; it is not written to.

        Returns:
            The shape and dtype of x. In training each entry of a finite x becomes either 0 or x / (1 - p), by an
            independent draw for each entry in each call, so that the expected value is x. The gradient passes the same
            entries, scaled alike.
        """
        raise NotImplementedError("Dropout.forward")


class BatchNorm1d(nn.Module):
    """Batch norm of (B, D): each feature gets mean 0 and variance 1 over the batch, then a scale and a shift.

    *Build it*: the grader makes every batch norm of torch raise that is called while this layer is built or runs
    (`nn.BatchNorm1d`, `F.batch_norm`, `torch.batch_norm`, … under all their names), and `F.instance_norm`, which calls
    one.

    Args:
        num_features: D.
        eps: added to the variance, inside the root.
        momentum: the weight of the newest batch in the running averages.

    Attributes:
        weight: Parameter (D,), the scale, starts as ones.
        bias: Parameter (D,), the shift, starts as zeros.
        running_mean: buffer (D,), starts as zeros.
        running_var: buffer (D,), starts as ones.
        num_batches_tracked: buffer, a 0-d long tensor that counts the batches seen in training.

        These are all, under the names of `torch.nn.BatchNorm1d`: either layer loads the other's state_dict.

    >>> layer = BatchNorm1d(1)
    >>> layer(torch.tensor([[1.0], [3.0]]))
    tensor([[-1.0000],
            [ 1.0000]], grad_fn=<AddBackward0>)
    >>> layer.running_mean, layer.running_var
    (tensor([0.2000]), tensor([1.1000]))

    Slide: train() and eval(), "BatchNorm"; Ioffe and Szegedy, 2015.
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        raise NotImplementedError("BatchNorm1d.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """(x - mean) / sqrt(var + eps) · weight + bias, feature by feature.

        In training, mean and var are those of the batch, var with 1/B; gradients flow through both. Each running value
        becomes (1 - momentum) · running + momentum · new, where the new variance has 1/(B - 1), and
        `num_batches_tracked` goes up by 1; no graph is kept there. In eval mode the running values take the place of
        the batch's, and stay as they are.

        Args:
            x: (B, D), in eval mode with any number of rows, 1 and 0 included; it is not written to.

        Returns:
            (B, D).

        Raises:
            ValueError: one row in training, which has no variance; the message names `x`, its rows or its batch size.
        """
        raise NotImplementedError("BatchNorm1d.forward")


@contextlib.contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[nn.Module]:
    """A `with` block in which the whole model is in eval mode.

    Args:
        model: any module; its submodules may be in different modes, and one may be in several places.

    Yields:
        The model itself, with `training` False in it and in every submodule.

        When the block ends, by its last line or by an exception, every submodule's `training` is what it was before,
        whatever the block did to the flags. An exception goes on. Blocks may be nested. Gradients are none of its
        business: they are on or off inside as they are outside.

    >>> model = nn.Sequential(nn.Linear(2, 2), nn.Dropout())
    >>> _ = model[0].eval()
    >>> with evaluation_mode(model) as same:
    ...     same is model, [module.training for module in model.modules()]
    (True, [False, False, False])
    >>> [module.training for module in model.modules()]
    [True, False, True]

    Slide: train() and eval(), "eval".
    """
    raise NotImplementedError("evaluation_mode")


def predict(model: nn.Module, batches: Iterable[Tensor]) -> Tensor:
    """What a model says about many batches, as one tensor.

    Args:
        model: takes a batch (B, …) and returns a tensor (B, …). Any submodule may be in either mode.
        batches: at least one tensor, in anything that a for loop can go through once: a list, a DataLoader, a
            generator. Their sizes B may differ.

    Returns:
        The outputs in eval mode, in the order of the batches, concatenated along dim 0: on the device where the model
        left them, and without a graph. Nor do graphs pile up on the way. The model runs once for each batch.

        Afterwards the mode of each submodule, torch's grad mode and each `requires_grad` are what they were before,
        also when the model or the iterable raises.

    >>> model = nn.Sequential(nn.Flatten(), nn.Dropout())
    >>> predict(model, [torch.ones(2, 1), torch.zeros(1, 1)])
    tensor([[1.],
            [1.],
            [0.]])
    >>> model.training
    True

    Slide: train() and eval(), "Predict".
    """
    raise NotImplementedError("predict")


def freeze_batchnorm(model: nn.Module) -> int:
    """Stop every batch-norm layer from changing: neither by its running averages nor by training.

    `torch.no_grad()` or frozen parameters don't stop the running averages; only eval mode does.

    Args:
        model: any module, a batch-norm layer itself included. It is changed in place: each batch-norm layer gets
            `training` False, and its weight and bias, where it has them, `requires_grad` False. Batch-norm layers
            are all of torch's (BatchNorm1d, 2d, 3d, SyncBatchNorm; with `affine=False`, too), this module's
            `BatchNorm1d`, and whatever inherits from them. All other layers, also other norms, stay as they are.

    Returns:
        How many batch-norm layers there are; one that is in several places counts once.

    >>> model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.LayerNorm(2))
    >>> freeze_batchnorm(model)
    1
    >>> [module.training for module in model]
    [True, False, True]
    >>> [name for name, parameter in model.named_parameters() if not parameter.requires_grad]
    ['1.weight', '1.bias']

    Slide: train() and eval(), "BatchNorm".
    """
    raise NotImplementedError("freeze_batchnorm")


def mc_dropout(model: nn.Module, x: Tensor, samples: int) -> tuple[Tensor, Tensor]:
    """How sure a model is: mean and spread of its outputs while dropout is left on.

    Args:
        model: takes x and returns a tensor of any shape. Any submodule may be in either mode.
        x: the input of every pass.
        samples: number of passes, at least 2. The model is called exactly so often, each time with x.

    Returns:
        (mean, std), both of the shape of one output: over the passes, std with 1/(samples - 1), and without a graph.
        In each pass the dropout layers are in training mode: all of torch's (Dropout, Dropout1d, 2d, 3d, AlphaDropout,
        FeatureAlphaDropout), this module's `Dropout`, and whatever inherits from them. Every other module is in eval
        mode, so that batch norm neither uses the batch nor changes.

        Afterwards the mode of each submodule, torch's grad mode and each `requires_grad` are what they were before,
        also when the model raises.

    Raises:
        ValueError: samples is less than 2; the message names `samples`.

    >>> model = nn.Sequential(nn.Dropout(0.5), nn.Flatten()).eval()
    >>> mean, std = mc_dropout(model, torch.ones(1, 1000), samples=10)
    >>> mean.shape, abs(mean.mean().item() - 1) < 0.1, std.mean().item() > 0.8
    (torch.Size([1, 1000]), True, True)
    >>> model[0].training
    False

    Slide: train() and eval(), "Dropout"; Gal and Ghahramani, 2016.
    """
    raise NotImplementedError("mc_dropout")
