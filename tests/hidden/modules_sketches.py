"""Random models for count_parameters and collect_state, and what known mistakes count and collect in them."""

from collections import Counter
from typing import Any

import torch
from probes.modules import model_of
from torch import Tensor

ONCE = "repetitions are left out: a shared module or Parameter stands under its first name only"
OTHER_ORDER = "the right keys in another order: a module's own tensors come first, then its children in turn"
REMEMBERED = "the answer for a model is remembered: the model may have changed since"
NOT_PERSISTENT = "non-persistent buffers are collected, too"


class Sketch:
    """A random model as a description for `probes.modules.model_of`."""

    def __init__(self, fresh: Any) -> None:
        self.fresh = fresh
        self.parameters = 0  # numbers so far, in the order in which model_of builds
        self.modules = 0
        self.names = 0

    def name(self) -> str:
        self.names += 1
        return self.fresh.choice(["encoder", "block", "layer", "weight", "a"]) + str(self.names)

    def parameter(self, kind: str, *details: Any) -> list[Any]:
        self.parameters += 1
        return [kind, self.name(), *details]

    def layer(self, kind: str, *args: int, **options: Any) -> list[Any]:
        self.modules += 1
        return ["layer", self.name(), kind, list(args), options]

    def tree(self, members: list[Any]) -> list[Any]:
        self.modules += 1
        return ["tree", self.name(), members]

    def shape(self) -> list[int]:
        return self.fresh.sizes(self.fresh.integer(1, 3), 1, 5)

    def own(self) -> list[Any]:
        """A few members of one module, its children in between."""
        a, b = self.fresh.sizes(2, 2, 6)
        options = [
            lambda: self.parameter("parameter", self.shape(), True),
            lambda: self.parameter("parameter", self.shape(), False),
            lambda: ["buffer", self.name(), self.shape(), True],
            lambda: ["buffer", self.name(), self.shape(), False],
            lambda: self.layer("Linear", a, b, bias=self.fresh.choice([True, False])),
            lambda: self.layer("BatchNorm1d", b),
            lambda: self.layer("ReLU"),
        ]
        return [self.fresh.choice(options)() for _ in range(self.fresh.integer(2, 4))]

    def nested(self, depth: int) -> list[Any]:
        """Members, some of them trees of their own."""
        if depth == 0:
            return self.own()
        return [*self.own(), self.tree(self.nested(depth - 1)), *self.own(), self.tree(self.nested(0)), *self.own()]


def plain_model(fresh: Any) -> list[Any]:
    """Layers in trees: nothing is shared, every buffer is persistent."""
    sketch, (a, b, c) = Sketch(fresh), fresh.sizes(3, 2, 7)
    inner = sketch.tree([sketch.layer("Linear", b, c), sketch.layer("BatchNorm1d", c), sketch.layer("ReLU")])
    return [sketch.layer("Linear", a, b), sketch.layer("LayerNorm", b), inner, sketch.parameter("parameter", [], True)]


def special_model(fresh: Any) -> list[Any]:
    """Everything that is easily forgotten: sharing, None, strided, empty, a name that is persistent in one place only.

    The numbers of what stands somewhere `again` or is `tied` count in the order of building.
    """
    sketch, (a, b, c) = Sketch(fresh), fresh.sizes(3, 2, 7)
    shared = sketch.tree([sketch.parameter("parameter", [c], True), sketch.layer("Linear", b, c, bias=False)])
    number = sketch.modules - 1
    first = sketch.parameter("parameter", [a, b], True)
    inner = sketch.tree([["again", sketch.name(), number], sketch.layer("BatchNorm1d", c, affine=False)])
    deep = sketch.tree(
        [
            inner,
            ["tied", sketch.name(), 0],
            ["buffer", "table", [b, a], False],
            ["buffer", "mask", [b], True],
            sketch.layer("GRU", a, c),
        ]
    )
    return [
        shared,
        ["buffer", "table", [c], True],
        first,
        deep,
        ["no parameter", "bias"],
        ["no buffer", "cache"],
        ["no module", "child"],
        sketch.parameter("turned", [b, c]),
        sketch.parameter("parameter", [0, a], True),
        sketch.parameter("integers", [c, a]),
        ["buffer", "mask", [a], False],
        ["again", sketch.name(), number],
        ["tied", sketch.name(), 1],
        ["window", sketch.name(), 1],
        ["twin", sketch.name(), 1],
        ["learnt", sketch.name(), [b]],
        sketch.layer("Embedding", a, b),
    ]


def models(fresh: Any) -> list[list[Any]]:
    """Descriptions of very different models."""
    return [plain_model(fresh), special_model(fresh), *(Sketch(fresh).nested(fresh.integer(0, 2)) for _ in range(3))]


def some_names(fresh: Any, members: list[Any]) -> list[str]:
    """About half of the parameters' names."""
    names = [name for name, _ in model_of(members, []).named_parameters()]
    return [name for name in names if fresh.integer(0, 1)] or names[:1]


def contents_of(fresh: Any, model: torch.nn.Module) -> dict[str, Tensor]:
    """Fresh values for everything in the model, as its state_dict shows them: alike where memory is shared."""
    with torch.no_grad():
        for value in model.state_dict().values():
            integral = not value.is_floating_point()
            value.copy_(fresh.integers(1, 99, *value.shape) if integral else fresh.normal(*value.shape))
    return {name: value.clone() for name, value in model.state_dict().items()}


def tally(parameters: Any) -> int:
    return sum(parameter.numel() for parameter in parameters)


def count_mistakes(model: torch.nn.Module) -> dict[str, int]:
    repeated = [parameter for _, parameter in model.named_parameters(remove_duplicate=False)]
    return {
        "a Parameter in several places counts several times": tally(repeated),
        "buffers are counted, too": tally(model.parameters()) + tally(model.buffers()),
        "what the state_dict holds is counted: buffers, and shared ones several times": tally(
            model.state_dict().values()
        ),
        "tensors are counted, not the numbers in them": len(list(model.parameters())),
        "only the module's own Parameters are counted, not those of its children": tally(
            model.parameters(recurse=False)
        ),
        "frozen Parameters are left out without being asked": tally(p for p in model.parameters() if p.requires_grad),
        "only frozen Parameters are counted": tally(p for p in model.parameters() if not p.requires_grad),
        "Parameters of another dtype than float32 are left out": tally(
            p for p in model.parameters() if p.dtype == torch.float32
        ),
        "Parameters of integers are left out": tally(p for p in model.parameters() if p.is_floating_point()),
        "only matrices are counted": tally(p for p in model.parameters() if p.dim() > 1),
        "two Parameters on the same memory are counted as one": tally(
            {p.data_ptr(): p for p in model.parameters()}.values()
        ),
    }


def trainable_mistakes(model: torch.nn.Module) -> dict[str, int]:
    repeated = [parameter for _, parameter in model.named_parameters(remove_duplicate=False)]
    return {
        "trainable_only is ignored": tally(model.parameters()),
        "the frozen Parameters are counted instead of the trainable ones": tally(
            p for p in model.parameters() if not p.requires_grad
        ),
        "a trainable Parameter in several places counts several times": tally(p for p in repeated if p.requires_grad),
        "tensors are counted, not the numbers in them": len([p for p in model.parameters() if p.requires_grad]),
        "two Parameters on the same memory are counted as one": tally(
            {p.data_ptr(): p for p in model.parameters() if p.requires_grad}.values()
        ),
        "Parameters of modules in eval mode are left out: the mode has nothing to do with requires_grad": tally(
            {p for one in model.modules() if one.training for p in one.parameters(recurse=False) if p.requires_grad}
        ),
        "Parameters of another dtype than float32 are left out": tally(
            p for p in model.parameters() if p.requires_grad and p.dtype == torch.float32
        ),
    }


def key_mistakes(model: torch.nn.Module) -> dict[str, list[str]]:
    keys = list(model.state_dict())
    parameters = [name for name, _ in model.named_parameters(remove_duplicate=False)]
    buffers = [name for name, _ in model.named_buffers(remove_duplicate=False)]
    kept = [name for name in buffers if name in keys]
    first = [name for name, _ in model.named_parameters()] + [name for name, _ in model.named_buffers()]
    return {
        "all Parameters first, then all buffers: state_dict goes module by module": parameters + kept,
        "buffers are left out": parameters,
        "Parameters are left out": kept,
        NOT_PERSISTENT: [name for name in keys if name in parameters] + buffers,
        "only the module's own tensors are collected, not those of its children": [
            name for name in keys if "." not in name
        ],
        ONCE: [name for name in first if name in keys],
        "non-persistent buffers are in, and repetitions are out": first,
    }


def why_other_keys(found: list[Any], model: torch.nn.Module) -> str | None:
    """The sentence for these wrong keys: the same list as a known mistake's, else the same set, else what is off."""
    keys, wanted = [str(key) for key in found], list(model.state_dict())
    known = key_mistakes(model)
    extra, missing = set(keys) - set(wanted), set(wanted) - set(keys)
    signs = [(sentence, keys == other) for sentence, other in known.items()]
    signs += [(sentence, set(keys) == set(other) != set(wanted)) for sentence, other in known.items()]
    signs += [
        ("keys begin with a dot: the root has no name", [key.removeprefix(".") for key in keys] == wanted),
        (
            "the right keys in another order: a module's own tensors come first, then its children in turn",
            not extra | missing,
        ),
        (NOT_PERSISTENT, bool(extra) and extra <= {name for name, _ in model.named_buffers(remove_duplicate=False)}),
        (ONCE, bool(missing) and not extra and missing <= repeated(model)),
    ]
    return next((sentence for sentence, matches in signs if matches), None)


def repeated(model: torch.nn.Module) -> set[str]:
    """Names of everything that stands in the model under several names."""
    named = [*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)]
    times = Counter(id(value) for _, value in named)
    return {name for name, value in named if times[id(value)] > 1}
