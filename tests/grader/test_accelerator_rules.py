"""Which devices mix, as on CUDA; random numbers; what torch knows of the device; forks."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grader.accelerator import NAME, install


@pytest.fixture(scope="module", autouse=True)
def device() -> None:
    install()


def ids(*values: int) -> Tensor:
    return torch.tensor(values)


ONE = torch.tensor(1.0)
INDICES = "indices should be either on"

# d is on the device, c on the CPU, both (3, 3).
REFUSED: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "add": lambda d, c: d + c,
    "add, CPU first": lambda d, c: c + d,
    "one element is not 0-d": lambda d, c: d + c[:1, :1],
    "0-d here, CPU there": lambda d, c: c + d[0, 0],
    "in place": lambda d, c: d.add_(c),
    "in place on the CPU": lambda d, c: c.add_(d),
    "compare": lambda d, c: d > c,
    "out": lambda d, c: torch.add(d, d, out=c),
    "matmul": lambda d, c: d @ c,
    "matmul, CPU first": lambda d, c: c @ d,
    "mv": lambda d, c: d @ c[0],
    "bmm": lambda d, c: torch.bmm(d[None], c[None]),
    "linear": lambda d, c: F.linear(d, c),
    "bias": lambda d, c: F.linear(d, d, c[0]),
    "einsum": lambda d, c: torch.einsum("ij,jk->ik", d, c),
    "cat": lambda d, c: torch.cat((d, c)),
    "stack": lambda d, c: torch.stack((c, d)),
    "where": lambda d, c: torch.where(d > 0, d, c),
    "where condition": lambda d, c: torch.where(c > 0, d, d),
    "masked_fill": lambda d, c: d.masked_fill(c > 0, 0.0),
    "masked_select": lambda d, c: d.masked_select(c > 0),
    "gather": lambda d, c: d.gather(0, c.long()),
    "scatter": lambda d, c: d.scatter(0, d.long(), c),
    "index_select": lambda d, c: d.index_select(0, ids(0)),
    "index_add": lambda d, c: d.index_add(0, ids(0, 1, 2), d),
    "embedding": lambda d, c: F.embedding(ids(0), d),
    "embedding on the CPU": lambda d, c: F.embedding(d[0].long(), c),
    "cross_entropy": lambda d, c: F.cross_entropy(d, ids(0, 1, 2)),
    "class weights": lambda d, c: F.cross_entropy(d, d[0].long() * 0, weight=c[0]),
    "mse": lambda d, c: F.mse_loss(d, c),
    "bce": lambda d, c: F.binary_cross_entropy_with_logits(d, c),
    "kl": lambda d, c: F.kl_div(d, c, reduction="sum"),
    "layer_norm": lambda d, c: F.layer_norm(d, (3,), c[0]),
    "batch_norm": lambda d, c: F.batch_norm(d, c[0], c[0], training=True),
    "attention": lambda d, c: F.scaled_dot_product_attention(d[None], c[None], c[None]),
    "attention mask": lambda d, c: F.scaled_dot_product_attention(d[None], d[None], d[None], c > 0),
    "device index on the CPU": lambda d, c: c[d[0].long() * 0],
    "device mask on the CPU": lambda d, c: c[d > 0],
    "set with a device index": lambda d, c: c.__setitem__(d[0].long() * 0, 1.0),
    "0-d clamp": lambda d, c: d.clamp(min=ONE),
    "set device values": lambda d, c: c.__setitem__(ids(0, 1), d[:2]),
    "set CPU values": lambda d, c: d.__setitem__(d[0].long() * 0, c),
    "module on the CPU": lambda d, c: nn.Linear(3, 3)(d),
    "input on the CPU": lambda d, c: nn.Linear(3, 3).to(NAME)(c),
    "lstm state": lambda d, c: nn.GRU(3, 3).to(NAME)(d, c[:1]),
    "lstm cell": lambda d, c: nn.LSTM(3, 3).to(NAME)(d, (d[:1], c[:1])),
    "lstm input": lambda d, c: nn.LSTM(3, 3).to(NAME)(c),
    "conv": lambda d, c: F.conv1d(d[None], c[:, :, None]),
    "searchsorted": lambda d, c: torch.searchsorted(d[0], c[0]),
    "foreach": lambda d, c: torch._foreach_add([d, d], [c, c]),
    "lerp": lambda d, c: d.lerp(c, 0.5),
    "addcmul": lambda d, c: torch.addcmul(d, d, c),
    "cdist": lambda d, c: torch.cdist(d, c),
    "equal": lambda d, c: torch.equal(d, c),
    "gradient": lambda d, c: (d.requires_grad_() * 2).backward(c),
    "assigned gradient": lambda d, c: setattr(d.requires_grad_(), "grad", c),
    "a Parameter's gradient": lambda d, c: setattr(nn.Parameter(d), "grad", c),
    "index_copy": lambda d, c: d.index_copy(0, ids(0), d[:1]),
    "vmap": lambda d, c: torch.vmap(torch.dot)(d, c),
}
ALLOWED: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "number": lambda d, c: d * 2,
    "0-d": lambda d, c: d * ONE,
    "0-d first": lambda d, c: ONE / d,
    "0-d in place": lambda d, c: d.mul_(ONE),
    "0-d of a matrix": lambda d, c: d + c[0, 0],
    "0-d double": lambda d, c: d * torch.tensor(2.0, dtype=torch.float64),
    "0-d compare": lambda d, c: d > ONE,
    "0-d where": lambda d, c: torch.where(d > 0, d, ONE),
    "0-d masked_fill": lambda d, c: d.masked_fill(d > 0, ONE),
    "0-d fill": lambda d, c: d.fill_(ONE),
    "0-d lerp": lambda d, c: d.lerp(d, ONE),
    "0-d pow": lambda d, c: d**ONE,
    "0-d addcmul": lambda d, c: torch.addcmul(d, d, ONE),
    "0-d minimum": lambda d, c: torch.minimum(d, ONE),
    "index": lambda d, c: d[ids(0, 1)],
    "mask": lambda d, c: d[c > 0],
    "set with CPU index": lambda d, c: _set(d, ids(0, 1), 1.0),
    "set a slice from the CPU": lambda d, c: _set(d, slice(0, 1), c[:1]),
    "set 0-d with index": lambda d, c: _set(d, d[0].long() * 0, ONE),
    "copy": lambda d, c: d.copy_(c),
    "copy a row": lambda d, c: d.copy_(c[0]),
    "data": lambda d, c: setattr(torch.ones(1, device=NAME), "data", c) or d,
    "to": lambda d, c: d + c.to(NAME),
    "type of": lambda d, c: d + c.to(d),
    "foreach 0-d": lambda d, c: torch._foreach_mul([d, d], ONE)[0],
}


def _set(target: Tensor, key: Any, value: Any) -> Tensor:
    target[key] = value
    return target


def pair() -> tuple[Tensor, Tensor]:
    return torch.ones(3, 3, device=NAME), torch.ones(3, 3)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    words = f"the same device|{INDICES}|gradient"  # torch words it in several ways, on CUDA too
    with pytest.raises(RuntimeError, match=words):
        REFUSED[name](*pair())


def test_words() -> None:
    d, c = pair()
    words = "Expected all tensors to be on the same device, but found at least two devices, sim:0 and cpu!"
    for mix in (lambda: d + c, lambda: d @ c, lambda: torch.cat((d, c)), lambda: F.embedding(ids(0), d)):
        with pytest.raises(RuntimeError) as caught:
            mix()
        assert words in str(caught.value)


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(name: str) -> None:
    value = ALLOWED[name](*pair())
    assert value.device.type == NAME
    assert value.dtype in (torch.float32, torch.bool)


def test_copies_to_the_cpu() -> None:
    d, c = pair()
    c.zero_()[0].copy_(d[0])
    c[1:2] = d[1:2] * 2
    assert c.tolist() == [[1] * 3, [2] * 3, [0] * 3]
    assert d.to("cpu").device.type == d.cpu().device.type == "cpu"
    assert d.cpu().data_ptr() != d.data_ptr()
    assert d.to(NAME) is d
    assert d.to("sim:0") is d


def test_there_is_one_device() -> None:
    with pytest.raises(RuntimeError, match="invalid device ordinal"):
        torch.ones(1, device="sim:1")


def draw(**kwargs: Any) -> list[Tensor]:
    """Every way to draw; generator= is optional."""
    like = torch.ones(50, device=NAME)
    return [
        *(torch.randn(50, device=NAME, **kwargs), torch.rand(50, device=NAME, **kwargs)),
        *(torch.randint(9, (50,), device=NAME, **kwargs), torch.randperm(50, device=NAME, **kwargs)),
        *(like.clone().normal_(1, 2, **kwargs), like.clone().uniform_(-1, 1, **kwargs)),
        *(like.clone().bernoulli_(0.5, **kwargs), like.clone().exponential_(**kwargs), like.clone().random_(**kwargs)),
        *(torch.bernoulli(like / 2, **kwargs), torch.multinomial(like, 20, **kwargs)),
        *(torch.normal(like, like, **kwargs), torch.normal(0.0, 1.0, (50,), device=NAME, **kwargs)),
        torch.poisson(like * 9, **kwargs),
        nn.init.xavier_uniform_(like.clone().view(5, 10), **kwargs),
    ]


def draw_globally() -> list[Tensor]:
    like = torch.ones(50, device=NAME)
    return [*draw(), torch.rand_like(like), torch.randn_like(like), F.dropout(like), F.alpha_dropout(like, 0.5, True)]


def equal(first: list[Tensor], second: list[Tensor]) -> list[bool]:
    return [torch.equal(a, b) for a, b in zip(first, second, strict=True)]


def test_seeds() -> None:
    torch.manual_seed(1)
    first, host = draw_globally(), torch.rand(3)
    torch.manual_seed(1)
    torch.rand(5)  # the CPU's generator is another
    assert all(equal(first, draw_globally()))
    assert not any(equal(first, draw_globally()))
    torch.manual_seed(1)
    assert torch.equal(torch.rand(3), host)


def test_a_given_generator() -> None:
    torch.manual_seed(1)
    before = torch.sim.get_rng_state()  # type: ignore[attr-defined]
    generator = torch.Generator(device=NAME).manual_seed(5)
    first = draw(generator=generator)
    assert not any(equal(first, draw(generator=generator)))
    assert all(equal(first, draw(generator=generator.manual_seed(5))))
    assert torch.equal(before, torch.sim.get_rng_state())  # type: ignore[attr-defined]


def test_generators_have_a_device() -> None:
    generator = torch.Generator(device=NAME)
    assert isinstance(generator, torch.Generator)
    assert isinstance(torch.default_generator, torch.Generator)
    assert not isinstance(3, torch.Generator)
    assert (generator.device, torch.Generator().device.type) == (torch.device("sim:0"), "cpu")
    assert torch.Generator(torch.device("sim")).device.type == NAME
    state = generator.get_state()
    first = torch.rand(3, device=NAME, generator=generator)
    generator.set_state(state)
    assert torch.equal(first, torch.rand(3, device=NAME, generator=generator))
    assert torch.rand(3, generator=torch.Generator().manual_seed(1)).shape == (3,)


@pytest.mark.parametrize("there", [True, False])
def test_generators_do_not_mix(there: bool) -> None:
    generator = torch.Generator("cpu" if there else NAME)
    ours, theirs = (NAME, "cpu") if there else ("cpu", NAME)
    words = f"Expected a '{ours}' (device type for generator|generator device) but found '{theirs}"
    for make in (
        lambda: torch.randn(3, generator=generator, device=ours),
        lambda: torch.ones(3, device=ours).uniform_(generator=generator),
        lambda: torch.bernoulli(torch.ones(3, device=ours), generator=generator),
        lambda: torch.multinomial(torch.ones(3, device=ours), 1, generator=generator),
        lambda: torch.randperm(3, generator=generator, device=ours),
    ):
        with pytest.raises(RuntimeError, match=words):
            make()
    assert generator.device.type == theirs


def test_dropout() -> None:
    x = torch.ones(10_000, device=NAME, requires_grad=True)
    y = F.dropout(x, 0.25)
    y.sum().backward()
    assert torch.equal(y.detach(), x.grad)  # type: ignore[arg-type]
    assert sorted(y.detach().unique().tolist()) == pytest.approx([0, 4 / 3])
    assert 0.2 < (y == 0).float().mean().item() < 0.3
    assert F.dropout(x, 1.0).abs().sum().item() == 0
    assert torch.equal(F.dropout(x, 0.5, training=False), x)


def test_forked_generators() -> None:
    torch.manual_seed(1)
    with torch.random.fork_rng(devices=[0], device_type=NAME):
        first = torch.rand(3, device=NAME)
    assert torch.equal(first, torch.rand(3, device=NAME))


def test_what_torch_says_of_the_device() -> None:
    sim: Any = torch.sim  # type: ignore[attr-defined]
    assert (sim.is_available(), sim.device_count(), sim.current_device()) == (True, 1, 0)
    sim.synchronize()
    if not torch.cuda.is_available():
        assert torch.accelerator.current_accelerator() == torch.device(NAME)
        assert (torch.accelerator.is_available(), torch.accelerator.device_count()) == (True, 1)
        torch.accelerator.synchronize()
    assert torch.device("sim:0") == torch.ones(1, device=NAME).device
    install()  # a second time does nothing
    assert torch.ones(1, device=NAME).sim().is_sim  # type: ignore[attr-defined]


ALONE = """
    import os, sys, time
    import torch
    from grader.accelerator import NAME, install, trace
    began = time.process_time()
    install()
    print(time.process_time() - began, len(os.listdir("/proc/self/task")), flush=True)
    child = os.fork()
    if child == 0:
        x = torch.rand(300, 300, device=NAME, requires_grad=True)
        with trace(NAME) as seen:
            (x @ x).sum().backward()
        os._exit(0 if x.grad.shape == x.shape and seen.launches > 3 and not seen.cpu_ops else 3)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork") or not os.path.isdir("/proc/self/task"), reason="for Linux's processes")
def test_a_fork_after_install_can_train() -> None:
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(ALONE)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    seconds, threads = done.stdout.split()
    assert int(threads) == 1
    assert float(seconds) < 0.1
