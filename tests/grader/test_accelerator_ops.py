"""Every op gives the CPU's values and gradients on the simulated device."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from grader.accelerator import NAME, install

INDEX = torch.tensor([2, 0, 1])
MASK = torch.tensor([[True, False, True, True], [False, False, True, False], [True, True, True, False]])


@pytest.fixture(scope="module", autouse=True)
def device() -> None:
    install()


def on(x: Tensor, other: Tensor) -> Tensor:
    """A constant of this module, where x is."""
    return other.to(x.device)


# Each takes x (3, 4) and y (4, 4), positive.
OPS: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "add": lambda x, y: x + x,
    "add number": lambda x, y: x + 1,
    "number first": lambda x, y: 2 - x,
    "sub": lambda x, y: x - y[0],
    "mul": lambda x, y: x * x * 2.5,
    "div": lambda x, y: x / y[:3],
    "pow": lambda x, y: x**2 + 2**x + x ** y[0],
    "matmul": lambda x, y: x @ y,
    "linear": lambda x, y: F.linear(x, y, y[0]),
    "addmm": lambda x, y: torch.addmm(y[0], x, y),
    "bmm": lambda x, y: torch.bmm(x[None], y[None]),
    "einsum": lambda x, y: torch.einsum("ij,kj->ik", x, y),
    "outer": lambda x, y: torch.outer(x[0], y[1]),
    "dot": lambda x, y: x[0].dot(y[0]),
    "sum": lambda x, y: x.sum() + x.sum(0).prod() + x.sum(1, keepdim=True).mean(),
    "mean": lambda x, y: x.mean(0),
    "var": lambda x, y: x.var(0, unbiased=False) + x.std(),
    "norm": lambda x, y: x.norm() + x.norm(dim=1) + torch.linalg.vector_norm(x),
    "max": lambda x, y: x.max() + x.max(1).values.sum() + x.amax(0),
    "min": lambda x, y: x.min(0).values,
    "logsumexp": lambda x, y: x.logsumexp(1),
    "cumsum": lambda x, y: x.cumsum(1),
    "cumprod": lambda x, y: x.cumprod(0),
    "exp": lambda x, y: x.exp().log1p(),
    "log": lambda x, y: x.log(),
    "sqrt": lambda x, y: x.sqrt() + x.rsqrt(),
    "sin": lambda x, y: x.sin() * x.cos(),
    "tanh": lambda x, y: x.tanh(),
    "sigmoid": lambda x, y: x.sigmoid() + F.logsigmoid(x),
    "relu": lambda x, y: (x - 1).relu() + F.leaky_relu(x - 1),
    "gelu": lambda x, y: F.gelu(x) + F.silu(x) + F.softplus(x) + F.elu(x),
    "abs": lambda x, y: (x - 1).abs() + x.neg(),
    "clamp": lambda x, y: x.clamp(0.5, 1.0) + x.clamp_min(0.7),
    "erf": lambda x, y: x.erf(),
    "softmax": lambda x, y: x.softmax(1),
    "log_softmax": lambda x, y: F.log_softmax(x, dim=0),
    "cross_entropy": lambda x, y: F.cross_entropy(x, on(x, INDEX)),
    "cross_entropy ignore": lambda x, y: F.cross_entropy(x, on(x, INDEX), ignore_index=0, label_smoothing=0.1),
    "nll": lambda x, y: F.nll_loss(x, on(x, INDEX), reduction="sum"),
    "bce": lambda x, y: F.binary_cross_entropy_with_logits(x, x.detach() / 2),
    "mse": lambda x, y: F.mse_loss(x, y[:3]) + F.l1_loss(x, y[:3]) + F.smooth_l1_loss(x, y[:3]),
    "kl": lambda x, y: F.kl_div(x.log_softmax(1), y[:3].softmax(1), reduction="batchmean"),
    "cosine": lambda x, y: F.cosine_similarity(x, y[:3]) + F.normalize(x).sum(1),
    "cdist": lambda x, y: torch.cdist(x, y),
    "layer_norm": lambda x, y: F.layer_norm(x, (4,), y[0], y[1]),
    "batch_norm": lambda x, y: F.batch_norm(x, None, None, y[0], y[1], training=True),
    "embedding": lambda x, y: F.embedding(on(x, INDEX), y, padding_idx=0),
    "transpose": lambda x, y: x.t().contiguous() * 2,
    "permute": lambda x, y: x.permute(1, 0).reshape(2, 6),
    "view": lambda x, y: x.view(2, 6).unsqueeze(1).squeeze(),
    "expand": lambda x, y: x[:, None].expand(3, 2, 4),
    "as_strided": lambda x, y: x.as_strided((2, 2), (4, 2), 1),
    "unfold": lambda x, y: x.unfold(1, 2, 1),
    "diagonal": lambda x, y: x.diagonal() + y.diag()[:3] + torch.diag_embed(x[0])[0, :3],
    "chunk": lambda x, y: x.chunk(2, 1)[1] + x.split([1, 3], 1)[1][:, :2],
    "flip": lambda x, y: x.flip(0).roll(1, 1),
    "cat": lambda x, y: torch.cat((x, y)),
    "stack": lambda x, y: torch.stack((x, y[:3]), 1),
    "pad": lambda x, y: F.pad(x, (1, 2), value=3.0),
    "repeat": lambda x, y: x.repeat(2, 1).repeat_interleave(2, 1),
    "where": lambda x, y: torch.where(on(x, MASK), x, y[:3]),
    "masked_fill": lambda x, y: x.masked_fill(on(x, MASK), -1.0),
    "gather": lambda x, y: x.gather(0, on(x, INDEX)[:, None]),
    "scatter": lambda x, y: y.clone().scatter_(0, on(x, INDEX)[:, None].expand(3, 4), x),
    "scatter_add": lambda x, y: y.scatter_add(0, on(x, INDEX)[:, None].expand(3, 4), x),
    "index_add": lambda x, y: y.clone().index_add_(0, on(x, INDEX), x),
    "index_select": lambda x, y: x.index_select(0, on(x, INDEX)),
    "index_copy": lambda x, y: y.index_copy(0, on(x, INDEX), x),
    "take_along": lambda x, y: x.take_along_dim(x.argsort(1), 1),
    "sort": lambda x, y: x.sort(1, descending=True).values,
    "topk": lambda x, y: x.topk(2, 1).values,
    "tril": lambda x, y: y.tril() + y.triu(1),
    "lerp": lambda x, y: x.lerp(y[:3], 0.3) + torch.addcmul(x, x, y[:3], value=2) + torch.addcdiv(x, x, y[:3]),
    "in place": lambda x, y: x.clone().mul_(2).add_(1).clamp_(max=4).sub_(x).div_(y[0]).sqrt_(),
    "fill view": lambda x, y: _written(x.clone(), lambda z: z[1].fill_(2.0)),
    "inverse": lambda x, y: torch.linalg.solve(y + 4 * torch.eye(4, device=x.device, dtype=x.dtype), x.t()),
    "conv": lambda x, y: F.conv1d(x[None], y[:2, None, :3].expand(2, 3, 3)),
    "pool": lambda x, y: F.max_pool1d(x[None], 2) + F.avg_pool1d(x[None], 2),
    "attention": lambda x, y: F.scaled_dot_product_attention(x[None], y[None], y[None], is_causal=False),
    "causal attention": lambda x, y: F.scaled_dot_product_attention(y[None], y[None], y[None], is_causal=True),
    "to double": lambda x, y: x.float().double() + x.to(torch.float32),
}

# Integers and booleans, or no gradient: values alone.
FLAT_OPS: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "compare": lambda x, y: [x > 1, x <= y[:3], x == x, x != 0, (x > 1) & (x < 2) | ~(x > 3), (x > 1) ^ (x < 2)],
    "argmax": lambda x, y: [x.argmax(), x.argmax(1), x.argmin(0), x.argsort(1)],
    "reduce": lambda x, y: [(x > 1).any(), (x > 1).all(1), (x > 1).sum(), x.long().sum(), x.isnan(), x.isfinite()],
    "integers": lambda x, y: [x.long() + 1, x.int() // 2, x.long() % 3, x.long() / 2, -x.long(), x.round(), x.floor()],
    "searchsorted": lambda x, y: [torch.searchsorted(x.sort(1).values, y[:3]), torch.bucketize(x, y[0].sort().values)],
    "nonzero": lambda x, y: [(x > 1).nonzero(), torch.where(x > 1), x[x > 1], x.masked_select(x > 1)],
    "unique": lambda x, y: [x.long().unique(), x.long().unique(return_counts=True), x.long().flatten().bincount()],
    "one_hot": lambda x, y: [F.one_hot(on(x, INDEX), 5)],
    "isin": lambda x, y: [torch.isin(x.long(), on(x, INDEX)), x.equal(x), torch.allclose(x, x)],
    "empty": lambda x, y: [x[:0], x[:0].sum(), torch.cat([x[:0], x]), x[:, :0] @ y[:0], x.new_zeros(0, 3).t()],
    "kthvalue": lambda x, y: [x.median(), x.kthvalue(2, 1), x.sort(stable=True), x.cummax(1)],
    "complex": lambda x, y: [torch.view_as_real(torch.complex(x, x).conj() * 2), torch.fft.rfft(x).abs()],
    "meshgrid": lambda x, y: [*torch.meshgrid(x[0], y[0], indexing="ij"), torch.cartesian_prod(x[0], y[0])],
    "bytes": lambda x, y: [x.view(torch.uint8), x.contiguous().view(torch.int64), x.half(), x.bfloat16().float()],
    "out": lambda x, y: [torch.add(x, x, out=torch.empty_like(x)), torch.mm(x, y, out=x.new_empty(0))],
    "likes": lambda x, y: [
        torch.zeros_like(x),
        torch.ones_like(x, dtype=torch.int),
        torch.full_like(x, 3),
        x.new_ones(2),
    ],
    "foreach": lambda x, y: [*torch._foreach_add([x, y], 1), *torch._foreach_mul([x, y], [x, y])],
    "some results are arguments": lambda x, y: [
        *torch.ops.aten._native_batch_norm_legit(x, *y[:2], *y[2:], True, 0.1, 0.1)
    ],
    "resize": lambda x, y: [x.clone().resize_(2, 2), x.t().clone().resize_as_(y[:2])],
}

FACTORIES: dict[str, Callable[[str], Tensor]] = {
    "zeros": lambda d: torch.zeros(2, 3, device=d),
    "ones": lambda d: torch.ones(2, dtype=torch.long, device=d),
    "full": lambda d: torch.full((2, 2), 7.0, device=d),
    "eye": lambda d: torch.eye(3, 4, device=d),
    "arange": lambda d: torch.arange(5, device=d),
    "arange step": lambda d: torch.arange(1, 3, 0.5, device=d),
    "linspace": lambda d: torch.linspace(0, 1, 5, device=d),
    "logspace": lambda d: torch.logspace(0, 1, 3, device=d),
    "tensor": lambda d: torch.tensor([[1, 2], [3, 4]], device=d),
    "tensor of bools": lambda d: torch.tensor([True, False], device=d),
    "scalar": lambda d: torch.tensor(3.5, device=d),
    "empty list": lambda d: torch.tensor([], device=d),
    "as_tensor": lambda d: torch.as_tensor([1.0], dtype=torch.float64, device=d),
    "array": lambda d: torch.tensor(np.arange(3), device=d),
    "asarray": lambda d: torch.asarray([1.0, 2.0], device=d),
    "tri": lambda d: torch.tril_indices(3, 3, device=d),
    "new": lambda d: torch.ones(1, device=d).new_tensor([1, 2]),
    "to": lambda d: torch.arange(3).to(d),
    "to another": lambda d: torch.arange(3).to(torch.ones(1, device=d)),
    "to double": lambda d: torch.arange(3).to(d, torch.float64, non_blocking=True),
    "there and back": lambda d: torch.arange(3, device=d).to("cpu", non_blocking=True).to(d),
    "pinned": lambda d: torch.arange(3).pin_memory().to(d, non_blocking=True),
    "strided": lambda d: torch.arange(6).view(2, 3).t().to(d),
    "expanded": lambda d: torch.arange(3).expand(2, 3).to(d).contiguous(),
}


def _written(tensor: Tensor, write: Callable[[Tensor], Any]) -> Tensor:
    write(tensor)
    return tensor


def inputs(device: str) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(3)
    x = torch.rand(3, 4, generator=rng, dtype=torch.float64) * 2 + 0.1
    y = torch.rand(4, 4, generator=rng, dtype=torch.float64) + 0.1
    return x.to(device).requires_grad_(), y.to(device).requires_grad_()


def run(op: Callable[[Tensor, Tensor], Any], device: str) -> list[Any]:
    x, y = inputs(device)
    value = op(x, y)
    (value.pow(2).sum() if value.is_floating_point() else value.sum()).backward()
    assert {str(t.device.type) for t in (value, x.grad, y.grad) if t is not None} == {device}
    return [value, x.grad, y.grad]


def same(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            same(a, b)
    elif isinstance(theirs, Tensor):
        assert ours.device.type == NAME
        assert ours.stride() == theirs.stride()
        torch.testing.assert_close(ours.cpu(), theirs, rtol=1e-12, atol=1e-14, equal_nan=True)
    else:
        assert ours == theirs


@pytest.mark.parametrize("name", OPS)
def test_values_and_gradients(name: str) -> None:
    same(run(OPS[name], NAME), run(OPS[name], "cpu"))


@pytest.mark.parametrize("name", FLAT_OPS)
def test_values(name: str) -> None:
    ours, theirs = ([*FLAT_OPS[name](*(t.detach() for t in inputs(device)))] for device in (NAME, "cpu"))
    same(ours, theirs)


@pytest.mark.parametrize("name", FACTORIES)
def test_factories(name: str) -> None:
    ours, theirs = FACTORIES[name](NAME), FACTORIES[name]("cpu")
    assert (str(ours.device), ours.dtype, type(ours)) == ("sim:0", theirs.dtype, Tensor)
    same(ours, theirs)


# Each reads or writes x (3, 4) with indices on x's device or with plain ones.
GETS: dict[str, Callable[[Tensor], Any]] = {
    "int": lambda x: x[1],
    "ints": lambda x: x[1, -1],
    "slices": lambda x: x[1:, ::2],
    "none": lambda x: x[None, :, None],
    "ellipsis": lambda x: x[..., 1],
    "bools": lambda x: x[x > 4],
    "row mask": lambda x: x[on(x, torch.tensor([True, False, True]))],
    "longs": lambda x: x[on(x, INDEX)],
    "list": lambda x: x[[0, 2]],
    "pairs": lambda x: x[on(x, INDEX), on(x, INDEX)],
    "long and slice": lambda x: x[1:, on(x, INDEX)],
    "long on the CPU": lambda x: x[INDEX],
    "mask on the CPU": lambda x: x[MASK],
    "0-d": lambda x: x[on(x, torch.tensor(1))],
    "empty": lambda x: x[on(x, INDEX)[:0]],
    "array": lambda x: x[np.array([1, 0])],
}
SETS: dict[str, Callable[[Tensor, Any], Any]] = {
    "int": lambda x, v: x.__setitem__(1, v),
    "slices": lambda x, v: x.__setitem__((slice(1, None), slice(None, None, 2)), v),
    "ellipsis": lambda x, v: x.__setitem__((..., 0), v),
    "bools": lambda x, v: x.__setitem__(x > 4, v),
    "longs": lambda x, v: x.__setitem__(on(x, INDEX), v),
    "list": lambda x, v: x.__setitem__([0, 2], v),
    "long on the CPU": lambda x, v: x.__setitem__((INDEX, 0), v),
    "everything": lambda x, v: x.__setitem__(slice(None), v),
}


@pytest.mark.parametrize("name", GETS)
def test_getitem(name: str) -> None:
    x = torch.arange(12.0).view(3, 4)
    same(GETS[name](x.to(NAME)), GETS[name](x))


@pytest.mark.parametrize("value", ["number", "0-d", "0-d here"])
@pytest.mark.parametrize("name", SETS)
def test_setitem(name: str, value: str) -> None:
    ours, theirs = torch.arange(12.0, device=NAME).view(3, 4), torch.arange(12.0).view(3, 4)
    values = {"number": (7, 7), "0-d": (torch.tensor(7.0), torch.tensor(7.0))}
    ours_value, value_ = values.get(value, (torch.tensor(7.0, device=NAME), torch.tensor(7.0)))
    SETS[name](ours, ours_value)
    SETS[name](theirs, value_)
    same(ours, theirs)


def test_writing_through_a_view_shows() -> None:
    x = torch.zeros(3, 4, device=NAME)
    for view in (
        x[1],
        x.t(),
        x.view(12),
        x.diagonal(),
        x.unfold(1, 2, 1),
        x.as_strided((2,), (5,), 2),
        x.detach(),
        x.data,
    ):
        view.add_(1)
    expected = torch.zeros(3, 4)
    for view in (
        *(expected[1], expected.t(), expected.view(12), expected.diagonal(), expected.unfold(1, 2, 1)),
        *(expected.as_strided((2,), (5,), 2), expected.detach(), expected.data),
    ):
        view.add_(1)
    assert x.tolist() == expected.tolist()


def test_views_know_their_base() -> None:
    x = torch.arange(12.0, device=NAME)
    view = x.view(3, 4).t()[1:]
    assert view._base is x
    assert (view.stride(), view.storage_offset(), view.is_contiguous()) == ((1, 4), 1, False)
    assert view.data_ptr() == x.data_ptr() + 4
    assert view.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    assert view.contiguous().data_ptr() != view.data_ptr()
    with pytest.raises(RuntimeError, match="view size is not compatible"):
        view.view(-1)


def test_in_place_on_a_view_is_differentiated() -> None:
    grads = []
    for device in (NAME, "cpu"):
        x = torch.arange(4.0, device=device, requires_grad=True)
        y = x * 2
        y[1:3].mul_(3)
        y.pow(2).sum().backward()
        grads.append(x.grad)
    same(*grads)


def test_a_changed_saved_tensor_is_noticed() -> None:
    x = torch.ones(3, device=NAME, requires_grad=True)
    y = x.exp()
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_a_leaf_that_requires_grad_is_not_written_to() -> None:
    x = torch.ones(3, device=NAME, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf Variable"):
        x.add_(1)
    with torch.no_grad():
        x.add_(1)
    assert x.tolist() == [2, 2, 2]


def test_gradcheck() -> None:
    x = torch.randn(3, 2, dtype=torch.float64, device=NAME, requires_grad=True)
    w = torch.randn(2, 2, dtype=torch.float64, device=NAME, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, w: (x @ w).tanh().sum(1), (x, w))
    assert torch.autograd.gradgradcheck(lambda x, w: (x @ w).tanh().sum(1), (x, w))


def test_a_function_of_ones_own() -> None:
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors
            return grad * 2 * x

    x = torch.arange(3.0, device=NAME, requires_grad=True)
    Double.apply(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 2, 4]


def test_hooks_and_functional_gradients() -> None:
    x = torch.arange(3.0, device=NAME, requires_grad=True)
    seen: list[Tensor] = []
    y = x * x
    y.register_hook(lambda g: seen.append(g))
    x.register_post_accumulate_grad_hook(lambda p: seen.append(p))
    (grad,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(grad.sum(), x)
    assert (grad.tolist(), second.tolist()) == ([0, 2, 4], [2, 2, 2])
    x.sum().backward()
    assert len(seen) == 2
    assert seen[1] is x


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # torch's own, on forward mode's first use
def test_functional_transforms() -> None:
    x = torch.rand(3, 4)
    w = torch.rand(4)

    def loss(w: Tensor, row: Tensor) -> Tensor:
        return (row @ w).sigmoid().log()

    for transform in (
        lambda w, x: torch.func.vmap(torch.func.grad(loss), (None, 0))(w, x),
        lambda w, x: torch.func.jacrev(lambda w: x @ w * w.sum())(w),
        lambda w, x: torch.func.jvp(lambda w: x @ w * w.sum(), (w,), (w,))[1],
        lambda w, x: torch.func.hessian(lambda w: loss(w, x[0]))(w),
    ):
        ours = transform(w.to(NAME), x.to(NAME))
        assert ours.device.type == NAME
        torch.testing.assert_close(ours.cpu(), transform(w, x))


def test_inference_and_autocast_and_default_device() -> None:
    x = torch.ones(2, 2, device=NAME)
    with torch.inference_mode():
        assert (x @ x).is_inference()
    with torch.device(NAME):
        assert torch.zeros(2).device.type == torch.tensor([1]).device.type == torch.rand(2).device.type == NAME
        assert torch.nn.Linear(2, 2).weight.device.type == NAME
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert (x @ x).dtype == torch.float32


def test_words_and_values() -> None:
    x = torch.tensor([[1.5, 2.0]], device=NAME)
    assert repr(x) == str(x) == "tensor([[1.5000, 2.0000]], device='sim:0')"
    assert "device='sim:0'" in repr(torch.rand(40, 40, device=NAME))
    assert f"{x[0, 0]:.2f}" == "1.50"
    assert (x.tolist(), x[0, 0].item(), float(x[0, 1]), bool(x.any()), len(x)) == ([[1.5, 2.0]], 1.5, 2.0, True, 1)
    assert (x.is_cpu, x.is_cuda, x.get_device(), x.is_sim, x.device) == (False, False, 0, True, torch.device("sim:0"))
    assert [v.tolist() for v in x[0]] == [1.5, 2.0]


def test_numpy_is_refused_as_on_cuda() -> None:
    words = "can't convert sim:0 device type tensor to numpy. Use Tensor.cpu()"
    for convert in (Tensor.numpy, np.asarray):
        with pytest.raises(TypeError, match=words):
            convert(torch.ones(1, device=NAME))
    assert torch.ones(1, device=NAME).cpu().numpy().tolist() == [1]


def test_deep_copies_are_independent() -> None:
    x = torch.arange(6.0, device=NAME).view(2, 3).t().requires_grad_()
    twin = copy.deepcopy(x)
    with torch.no_grad():
        twin.add_(1)
    assert (twin.stride(), twin.requires_grad, twin.is_leaf, twin.device.type) == ((1, 3), True, True, NAME)
    assert twin.tolist() != x.tolist()
    views = copy.deepcopy([base := torch.zeros(2, device=NAME), base[1:]])
    views[1].fill_(5)
    assert (views[0].tolist(), base.tolist()) == ([0, 5], [0, 0])
