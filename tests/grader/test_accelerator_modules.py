"""Modules, optimizers and packed sequences give the CPU's results on the simulated device."""

import copy
import gc
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import rnn

from grader.accelerator import NAME, install


@pytest.fixture(scope="module", autouse=True)
def device() -> None:
    install()


def same(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, Tensor):
        assert ours.device.type == NAME
        torch.testing.assert_close(ours.cpu(), theirs, rtol=1e-9, atol=1e-9)
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            same(a, b)
    else:
        assert ours == theirs


def sums(value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value.double().pow(2).sum()
    return torch.stack([sums(item) for item in value]).sum()


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(6, 4, padding_idx=0)
        self.out = nn.Linear(4, 6)
        self.out.weight = self.embedding.weight
        self.scale = nn.Buffer(torch.full((4,), 0.5))
        self.register_buffer("table", torch.arange(6), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        return self.out(self.embedding(ids + self.table[0]) * self.scale)


X = torch.rand(5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
SEQ = torch.rand(3, 5, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
IDS = torch.tensor([[1, 2, 0], [3, 0, 0]])
PAD = torch.tensor([[False] * 5, [False] * 3 + [True] * 2, [True] + [False] * 4])

MODULES: dict[str, tuple[Callable[[], nn.Module], tuple[Any, ...]]] = {
    "linear": (lambda: nn.Linear(4, 3), (X,)),
    "sequential": (lambda: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.0), nn.Linear(8, 2)), (X,)),
    "batch norm": (lambda: nn.BatchNorm1d(4), (X,)),
    "layer norm": (lambda: nn.Sequential(nn.LayerNorm(4), nn.RMSNorm(4), nn.GroupNorm(2, 4)), (X,)),
    "embedding": (lambda: nn.Embedding(4, 3, padding_idx=0), (IDS,)),
    "bag": (lambda: nn.EmbeddingBag(4, 3), (IDS,)),
    "tied": (Tied, (IDS,)),
    "attention": (lambda: nn.MultiheadAttention(4, 2, batch_first=True), (SEQ, SEQ, SEQ, PAD)),
    "encoder": (lambda: nn.TransformerEncoder(layer(), 2, enable_nested_tensor=False), (SEQ,)),
    "masked encoder": (lambda: nn.TransformerEncoder(layer(), 2, enable_nested_tensor=False), (SEQ, None, PAD)),
    "transformer": (lambda: nn.Transformer(4, 2, 1, 1, 8, dropout=0.0, batch_first=True), (SEQ, SEQ)),
    "conv": (lambda: nn.Sequential(nn.Conv1d(5, 6, 2), nn.BatchNorm1d(6), nn.ConvTranspose1d(6, 2, 2)), (SEQ,)),
    "bilinear": (lambda: nn.Bilinear(4, 4, 2), (X, X)),
    "rnn cell": (lambda: nn.RNNCell(4, 3), (X,)),
    "gru cell": (lambda: nn.GRUCell(4, 3), (X,)),
    "lstm cell": (lambda: nn.LSTMCell(4, 3), (X,)),
    "rnn relu": (lambda: nn.RNN(4, 3, nonlinearity="relu"), (SEQ,)),
    "projected": (lambda: nn.LSTM(4, 3, proj_size=2), (SEQ,)),
    "no bias": (lambda: nn.GRU(4, 3, bias=False), (SEQ,)),
    "lstm without bias": (lambda: nn.LSTM(4, 3, bias=False), (SEQ,)),
    "weight norm": (lambda: nn.utils.parametrizations.weight_norm(nn.Linear(4, 3)), (X,)),
}
RECURRENT = [(kind, layers, both) for kind in (nn.RNN, nn.GRU, nn.LSTM) for layers in (1, 2) for both in (False, True)]


def layer() -> nn.TransformerEncoderLayer:
    return nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)


def run(model: nn.Module, inputs: Iterable[Any], device: str) -> list[Any]:
    model = copy.deepcopy(model).double().to(device)
    inputs = [x.detach().to(device) if isinstance(x, Tensor) else x for x in inputs]
    inputs = [x.requires_grad_() if isinstance(x, Tensor) and x.is_floating_point() else x for x in inputs]
    value = model(*inputs)
    sums(value).backward()
    grads = [p.grad for p in model.parameters()] + [x.grad for x in inputs if isinstance(x, Tensor) and x.requires_grad]
    with torch.no_grad():
        after = model.eval()(*inputs)
    return [value, grads, list(model.buffers()), after]


@pytest.mark.parametrize("name", MODULES)
def test_modules(name: str) -> None:
    torch.manual_seed(0)
    make, inputs = MODULES[name]
    model = make()
    same(run(model, inputs, NAME), run(model, inputs, "cpu"))


@pytest.mark.parametrize(("kind", "layers", "both"), RECURRENT)
def test_recurrent(kind: type[nn.RNNBase], layers: int, both: bool) -> None:
    torch.manual_seed(0)
    model = kind(4, 3, layers, bidirectional=both, batch_first=True)
    same(run(model, (SEQ,), NAME), run(model, (SEQ,), "cpu"))


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize(("kind", "layers", "both"), RECURRENT)
def test_packed(kind: type[nn.RNNBase], layers: int, both: bool, in_order: bool) -> None:
    torch.manual_seed(0)
    model = Packed(kind(4, 3, layers, bidirectional=both, batch_first=True), [5, 3, 1] if in_order else [2, 5, 1])
    same(run(model, (SEQ,), NAME), run(model, (SEQ,), "cpu"))


class Packed(nn.Module):
    def __init__(self, inner: nn.RNNBase, lengths: list[int]) -> None:
        super().__init__()
        self.inner, self.lengths = inner, torch.tensor(lengths)

    def forward(self, x: Tensor) -> Any:
        packed = rnn.pack_padded_sequence(x, self.lengths, batch_first=True, enforce_sorted=False)
        assert packed.batch_sizes.device.type == "cpu"
        assert packed.data.device == x.device
        outputs, state = self.inner(packed)
        padded, lengths = rnn.pad_packed_sequence(outputs, batch_first=True)
        assert lengths.tolist() == self.lengths.tolist()
        return padded, state


def test_lengths_belong_on_the_cpu() -> None:
    with pytest.raises(RuntimeError, match="'lengths' argument should be a 1D CPU int64 tensor"):
        rnn.pack_padded_sequence(SEQ.to(NAME), torch.tensor([5, 3, 1], device=NAME), batch_first=True)


def test_second_derivatives_of_cells() -> None:
    grads = []
    for kind in (nn.LSTM, nn.GRU):
        torch.manual_seed(0)
        model = kind(4, 3).double()
        for device in (NAME, "cpu"):
            model.to(device)
            x = SEQ.to(device).requires_grad_()
            (grad,) = torch.autograd.grad(model(x)[0].pow(2).sum(), x, create_graph=True)
            grads.append(torch.autograd.grad(grad.pow(2).sum(), x)[0])
    same(grads[0], grads[1])
    same(grads[2], grads[3])


def test_a_padded_encoder_in_eval_mode_needs_no_nested_tensor() -> None:
    encoder = nn.TransformerEncoder(layer(), 2).double().to(NAME).eval()
    mask = torch.tensor([[False] * 5, [False] * 3 + [True] * 2, [False] * 4 + [True]], device=NAME)
    with torch.no_grad():
        assert encoder(SEQ.to(NAME), src_key_padding_mask=mask).shape == SEQ.shape


OPTIMIZERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, 0.1),
    "momentum": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.1, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, 0.1, weight_decay=0.1),
    "adam foreach": lambda p: torch.optim.Adam(p, 0.1, foreach=True),
    "adam loop": lambda p: torch.optim.Adam(p, 0.1, foreach=False),
    "amsgrad": lambda p: torch.optim.Adam(p, 0.1, amsgrad=True),
    "adamw": lambda p: torch.optim.AdamW(p, 0.1, weight_decay=0.1),
    "adamw loop": lambda p: torch.optim.AdamW(p, 0.1, foreach=False),
    "rmsprop": lambda p: torch.optim.RMSprop(p, 0.01),
    "adadelta": lambda p: torch.optim.Adadelta(p, 0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name: str) -> None:
    torch.manual_seed(0)
    first = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    trained = []
    for device in (NAME, "cpu"):
        model = copy.deepcopy(first)
        optimizer = OPTIMIZERS[name](model.parameters())  # as on CUDA, it may be made before the model is moved
        model.to(device)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
        for _ in range(5):
            optimizer.zero_grad()
            model(X.to(device)).pow(2).sum().backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            assert norm.device.type == device
            optimizer.step()
            schedule.step()
        trained.append(list(model.parameters()))
        optimizer.load_state_dict(optimizer.state_dict())
    same(*trained)


def test_moving_a_module_keeps_its_parameters() -> None:
    model = Tied()
    weight, bias = model.embedding.weight, model.out.bias
    loss = model(IDS).sum()
    loss.backward()  # its graph is still alive below
    reference = weakref.ref(weight)
    assert model.to(NAME) is model
    assert model.embedding.weight is weight is model.out.weight
    assert (type(weight), weight.is_leaf, weight.requires_grad) == (nn.Parameter, True, True)
    assert {
        t.device.type for t in (weight, weight.grad, bias, bias.grad, model.scale, model.table) if t is not None
    } == {NAME}
    model(IDS.to(NAME)).sum().backward()
    assert model.cpu().embedding.weight is weight
    assert {t.device.type for t in (weight, weight.grad, bias) if t is not None} == {"cpu"}
    model(IDS).sum().backward()
    del model, weight, loss
    gc.collect()
    assert reference() is None


def test_a_moved_parameter_is_no_leaf() -> None:
    parameter = nn.Parameter(torch.ones(2))
    moved = parameter.to(NAME)
    assert (moved.is_leaf, moved.requires_grad, type(moved)) == (False, True, Tensor)
    moved.sum().backward()
    assert parameter.grad is not None
    assert parameter.grad.device.type == "cpu"
    made = nn.Parameter(torch.ones(2, device=NAME))
    assert (made.is_leaf, made.to(NAME) is made, type(made), isinstance(made, nn.Parameter)) == (
        True,
        True,
        nn.Parameter,
        True,
    )
    assert torch.ones(2).to(NAME).requires_grad_().is_leaf
    assert not torch.ones(2, requires_grad=True).to(NAME).is_leaf


def test_state_dicts() -> None:
    model = Tied().to(NAME)
    state = model.state_dict()
    assert {value.device.type for value in state.values()} == {NAME}
    assert state["out.weight"].data_ptr() == model.out.weight.data_ptr()
    fresh, cold = Tied().to(NAME), Tied()
    fresh.load_state_dict(state)
    cold.load_state_dict(state)
    same(fresh.out.weight, model.out.weight.cpu())
    same(model.out.weight, cold.out.weight)
    fresh.load_state_dict(cold.state_dict(), assign=True)
    assert fresh.out.weight.device.type == "cpu"
    optimizer = torch.optim.Adam(model.parameters())
    model(IDS.to(NAME)).sum().backward()
    optimizer.step()
    again = torch.optim.Adam(model.parameters())
    again.load_state_dict(optimizer.state_dict())
    assert again.state[model.out.weight]["exp_avg"].device.type == NAME


def test_saving_and_loading(tmp_path: Any) -> None:
    model = nn.Linear(2, 2).to(NAME)
    torch.save(model.state_dict(), tmp_path / "state.pt")
    loaded = torch.load(tmp_path / "state.pt", map_location="cpu", weights_only=True)
    same(model.weight, loaded["weight"])


def test_other_ways_to_move() -> None:
    model = nn.Linear(2, 2)
    model.sim()  # type: ignore[operator]
    assert model.weight.device.type == NAME
    assert model.double().weight.dtype == torch.float64
    assert model.to("cpu", torch.float32).weight.device.type == "cpu"
    assert nn.Linear(2, 2, device=NAME).weight.device.type == NAME
    meta = nn.Linear(2, 2, device="meta").to_empty(device=NAME)
    assert meta.weight.device.type == NAME
    twin = copy.deepcopy(model.to(NAME))
    assert twin.weight.data_ptr() != model.weight.data_ptr()


def test_checkpointing() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5)).double().to(NAME)
    x = X.detach().to(NAME).requires_grad_()
    torch.utils.checkpoint.checkpoint(model, x, use_reentrant=False).sum().backward()
    assert x.grad is not None


def test_a_loader_pins_and_moves() -> None:
    data = torch.utils.data.TensorDataset(X, torch.arange(5))
    for x, y in torch.utils.data.DataLoader(data, 2, shuffle=True, generator=torch.Generator().manual_seed(0)):
        assert x.to(NAME, non_blocking=True).device == y.to(NAME).device
