"""Models with mixed modes as plans, what they should give, and judgements of the flags that they are left with."""

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import torch
from probes.modes_plans import Noting, model_of, modes_of, prepared
from torch import Tensor, nn

from grader.confined.observing import Journal, flags
from grader.judge import expect, integer, sequence
from grader.verdicts import Failed

Plan = dict[str, Any]

STUCK = "the model is left in eval mode"
TRAINING = "the model is put into training mode, whatever its mode was before"
BROADCAST = "one mode is given to the model and all of its submodules: train(mode) changes them, too"
TWICE = "a module in two places is noted twice, the second time when its mode is changed already: modules() has it once"
EACH = "train(mode) is called for each module, which also changes what is inside it: set the flags themselves"
MIXED = "some submodules get another mode than they had"
FORGOTTEN = "this module's own BatchNorm1d is forgotten, or what inherits from it"
REPLACED = "Parameters are replaced by new ones, not changed in place: an optimizer still has the old ones"
PATCHED = "methods of the model are replaced and not put back: that outlasts the call"
RESEEDED = "torch's generator is seeded: whatever is drawn afterwards is the same each time"
AFTER_ERROR = "the modes are not put back when an exception comes: that takes try and finally"


def linear(*sizes: int) -> list[Any]:
    return ["layer", "Linear", list(sizes)]


def dropout(p: float = 0.5) -> list[Any]:
    return ["layer", "Dropout", [p]]


def norm(features: int) -> list[Any]:
    return ["layer", "BatchNorm1d", [features]]


def layer(name: str, *args: Any, **kwargs: Any) -> list[Any]:
    return ["layer", name, list(args), kwargs]


def zoo_of(fresh: Any, d: int) -> list[Any]:
    """Every kind of norm, nested and shared; not for running."""
    norms = [layer(name, d) for name in ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm", "Standardize")]
    bare = [layer(fresh.choice(["BatchNorm1d", "BatchNorm2d"]), d, affine=False)]
    bare += [layer("BatchNorm1d", d, track_running_stats=False)]
    others = [layer(name, d) for name in ("LayerNorm", "BatchNormLike", "RMSNorm")] + [layer("GroupNorm", 1, d)]
    both = {"affine": True, "track_running_stats": True}
    others += [layer(f"InstanceNorm{n}d", d, **both) for n in (1, 2, 3)] + [linear(d, d), dropout()]
    fresh.python.shuffle(norms)
    shared = ["again", 0]
    return [
        "chain",
        [norms[0], ["chain", [*norms[1:3], ["chain", [*bare, norms[3]]], shared]], *others, norms[4], shared],
    ]


def planned(fresh: Any, description: list[Any], modes: Any = None, frozen: bool = False, state: bool = True) -> Plan:
    """A plan with fresh state; modes are drawn mixed where none are given, one for all or one for each module."""
    model = model_of(description)
    count = len(modes_of(model))
    if modes is None:
        modes = mixed(fresh, count)
    names = [name for name, _ in model.named_parameters(remove_duplicate=False)]
    return {
        "description": description,
        "modes": [modes] * count if isinstance(modes, bool) else modes,
        "frozen": names[::2] if frozen else [],
        "state": drawn_state(fresh, model) if state else None,
    }


def mixed(fresh: Any, count: int) -> list[bool]:
    """A flag for each module; both values, where there are several."""
    modes = [fresh.choice([True, False]) for _ in range(count)]
    if count > 1 and len(set(modes)) == 1:
        modes[fresh.integer(0, count - 1)] ^= True
    return modes


def drawn_state(fresh: Any, model: nn.Module) -> dict[str, Tensor]:
    """Random contents for a state_dict."""
    state = {}
    for name, value in model.state_dict().items():
        if name in state:
            continue
        drawn = fresh.normal(*value.shape) / (value.shape[-1] ** 0.5 if value.dim() > 1 else 1)
        if name.endswith("running_var"):
            drawn = drawn.abs() + 0.5
        state[name] = fresh.integers(1, 9).reshape(()) if value.dtype == torch.long else drawn
    return _tied(model, state)


def _tied(model: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same contents under all names of one tensor."""
    first: dict[int, Tensor] = {}
    return {name: first.setdefault(id(value), state[name]) for name, value in model.state_dict(keep_vars=True).items()}


def trees(fresh: Any, d: int, h: int, every: bool = True) -> Iterator[Plan]:
    """(B, d) to (B, h): nested, shared and stubborn submodules, in mixed and uniform modes; all or every other one."""
    inner = ["chain", [dropout(), ["chain", [norm(h), dropout()]]]]
    deep = ["chain", [linear(d, h), inner, dropout(), ["frozen", [norm(h), linear(h, h)]]]]
    count = len(modes_of(model_of(deep)))
    # modules of the next: root, linear, first chain, the dropout in both chains, second chain
    shared = ["chain", [linear(d, h), ["chain", [dropout()]], ["chain", [["again", 1]]]]]
    stubborn = ["always eval", [linear(d, h), dropout(), norm(h)]]
    cases: list[tuple[list[Any], Any]] = [
        (deep, [True, *mixed(fresh, count - 1)]),
        (deep, [True] + [False] * (count - 1)),
        (deep, [False] + [True] * (count - 1)),
        (deep, True),
        (shared, [True, False, True, False, True]),
        (shared, [False, False, True, False, True]),
        (shared, [False, True, False, True, False]),
        (shared, [True, True, False, True, False]),
        (stubborn, True),
        (["chain", [linear(d, h), ["always eval", [norm(h)]], ["frozen", [dropout()]]]], True),
        (linear(d, h), False),
        (deep, False),
    ]
    for number, (description, modes) in enumerate(cases if every else cases[::2]):
        yield planned(fresh, description, modes, frozen=number % 2 == 0)


def names_of(plan: Plan) -> list[str]:
    return [name for name, _ in prepared(plan).named_modules()]


def output_of(plan: Plan, x: Tensor) -> Tensor:
    """What the model of a plan gives in eval mode, in float64."""
    model = prepared(plan).double()
    for module in model.modules():
        module.training = False
    with torch.no_grad():
        return model(x.double())  # type: ignore[no-any-return]


def noted(plan: Plan) -> nn.Module:
    """The model of a plan as a probe hands it to functions that call it."""
    model = Noting(prepared(plan), Journal())
    model.training = plan["modes"][0]
    return model


def modes_restored(after: Any, plan: Plan, when: str = "afterwards", broken: bool = False) -> None:
    """Every submodule's flag is what it was; `after` holds them in the order of `modules()`."""
    before, found = plan["modes"], sequence(after, len(plan["modes"]), "the flags")
    if found == before:
        return
    wrong = [name or "the model itself" for name, a, b in zip(names_of(plan), found, before, strict=True) if a != b]
    first = _named(plan, wrong[0].replace("the model itself", ""))
    message = f"{when} `training` is not what it was before in {len(wrong)} of {len(before)} modules: {first}"
    raise Failed(message, AFTER_ERROR if broken else why_other_modes(found, plan))


def why_other_modes(found: list[Any], plan: Plan) -> str:
    """The mistake that leaves these modes behind."""
    for sentence, leave in ENDINGS.items():
        model = prepared(plan)
        before = [(module, module.training) for module in model.modules()]
        model.eval()
        leave(model, before)
        if modes_of(model) == found:
            return sentence
    return MIXED


def _set_each(model: nn.Module, before: list[tuple[nn.Module, bool]], upwards: bool = False) -> None:
    for module, mode in reversed(before) if upwards else before:
        module.train(mode)


def _set_children(model: nn.Module, before: list[tuple[nn.Module, bool]]) -> None:
    for module, mode in before:
        module.training = mode and (module is model or module in model.children())


def _set_twice(model: nn.Module, before: list[tuple[nn.Module, bool]]) -> None:
    places = Counter(module for _, module in model.named_modules(remove_duplicate=False))
    for module, mode in before:
        module.training = mode and places[module] == 1


ENDINGS: dict[str, Callable[[nn.Module, list[tuple[nn.Module, bool]]], Any]] = {
    STUCK: lambda model, before: None,
    BROADCAST: lambda model, before: model.train(before[0][1]),
    TRAINING: lambda model, before: model.train(),
    TWICE: _set_twice,
    EACH: _set_each,
    f"{EACH}, from the leaves up": partial(_set_each, upwards=True),
    "only the model's own mode is put back": lambda model, before: setattr(model, "training", before[0][1]),
    "only the modes of the top level are put back": _set_children,
}


def left_alone(reply: Mapping[str, Any], plan: Plan, grad: bool, broken: bool = False) -> None:
    """The modes, requires_grad, grad mode and state of a noted model are as before."""
    expected, found = flags(noted(plan)), reply["flags"]
    changed = [name for name, mode in expected["training"].items() if found["training"].get(name) is not mode]
    if changed:
        left = [found["training"].get(f"inner.{name}".rstrip(".")) for name in names_of(plan)]
        wrong = AFTER_ERROR if broken else why_other_modes(left, plan)
        where = _named(plan, changed[0].removeprefix("inner").removeprefix("."))
        raise Failed(f"afterwards `training` is not what it was before in {len(changed)} modules: {where}", wrong)
    if found["requires_grad"] != expected["requires_grad"]:
        raise Failed("afterwards `requires_grad` of some parameters is not what it was", "requires_grad is changed")
    wrong = "torch's grad mode is changed for good" if grad else "gradients are switched on that were off before"
    expect(reply["grad"] is grad, f"afterwards gradients are {'off' if grad else 'on'}", wrong)
    changed_state = "parameters or buffers of the model are changed, such as the running averages of batch norm"
    expect(all(reply["kept"]), "the state_dict holds other values afterwards", changed_state)


def untouched(reply: Mapping[str, Any], what: str) -> None:
    """What was handed in, and what belongs to everybody, is as before."""
    wrong = f"{what} is written to, detached in place, or made to require a gradient"
    expect(reply["input kept"], f"{what} has other values or another requires_grad afterwards", wrong)
    expect(not reply["patched"], "the model is left with other methods than it had", PATCHED)
    expect(not reply["reseeded"], "torch's global generator has another seed afterwards", RESEEDED)


def _named(plan: Plan, name: str) -> str:
    """The name of a module, or of a parameter, and the class that it is of, or is in."""
    model = prepared(plan)
    modules = dict(model.named_modules(remove_duplicate=False))
    owner = modules[name] if name in modules else modules.get(name.rpartition(".")[0], model)
    return f"{name or 'the model itself'} ({type(owner).__name__})"


def calls_of(reply: Mapping[str, Any], event: str) -> list[Any]:
    return [entry for entry in reply["journal"] if entry.get("event") == event]


def given_to(entry: Mapping[str, Any]) -> Any:
    """The one argument of a call."""
    given = [*entry["args"], *entry["kwargs"].values()]
    expect(len(given) == 1, f"the model is called with {len(given)} arguments")
    return given[0].data if hasattr(given[0], "data") else given[0]


def no_graphs(reply: Mapping[str, Any], results: list[Any]) -> None:
    """The results carry no graph, and at no call more than the one before was still alive."""
    for result in results:
        wrong = "the result has a graph: eval() doesn't stop gradients, torch.no_grad() does"
        expect(not result.requires_grad, "the result requires a gradient", wrong)
    alive = max((count for entry in calls_of(reply, "output") for count in entry["alive"]), default=0)
    expect(alive <= 1, "graphs of earlier calls are still held", "the graphs of all calls are kept until the end")


# freeze_batchnorm, right and wrong

Freeze = Callable[[nn.Module], int]
TORCH_NORMS = nn.modules.batchnorm._BatchNorm
BASE = nn.modules.batchnorm._NormBase


def freezing(
    chosen: Callable[[nn.Module], bool], mode: bool = True, affine: bool = True, within: str = "modules"
) -> Freeze:
    """A function that freezes the chosen modules."""

    def freeze(model: nn.Module) -> int:
        layers = [module for module in _within(model, within) if chosen(module)]
        for layer in layers:
            layer.training = layer.training and not mode
            for parameter in layer.parameters(recurse=False):
                parameter.requires_grad_(parameter.requires_grad and not affine)
        return len(layers)

    return freeze


def _within(model: nn.Module, within: str) -> list[nn.Module]:
    ways: dict[str, Callable[[], Any]] = {
        "modules": model.modules,
        "children": model.children,
        "inside": lambda: list(model.modules())[1:],
        "names": lambda: (module for _, module in model.named_modules(remove_duplicate=False)),
    }
    return list(ways[within]())


def is_norm(module: nn.Module) -> bool:
    return isinstance(module, TORCH_NORMS)


def _also(module: nn.Module) -> bool:
    return is_norm(module) or isinstance(module, (BASE, nn.LayerNorm, nn.GroupNorm))


def _affine(model: nn.Module) -> int:
    return sum(len(list(one.parameters())) for one in model.modules() if is_norm(one))


RIGHT = freezing(is_norm)
WRONG: dict[str, Freeze] = {
    "frozen parameters don't stop the running averages: the layers stay in training mode": freezing(is_norm, False),
    "the affine parameters are still trained": freezing(is_norm, affine=False),
    "only nn.BatchNorm1d is frozen": freezing(lambda m: isinstance(m, nn.BatchNorm1d)),
    "only nn.BatchNorm2d is frozen": freezing(lambda m: isinstance(m, nn.BatchNorm2d)),
    "only BatchNorm1d and BatchNorm2d are frozen": freezing(lambda m: isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))),
    "SyncBatchNorm is forgotten": freezing(lambda m: is_norm(m) and not isinstance(m, nn.SyncBatchNorm)),
    "layers with affine=False are left out": freezing(lambda m: is_norm(m) and m.affine),
    "layers without running averages are left out": freezing(lambda m: is_norm(m) and m.track_running_stats),
    "only the layers of the top level are found: children() doesn't go deeper": freezing(is_norm, within="children"),
    "a model that is itself a batch norm is not frozen": freezing(is_norm, within="inside"),
    "a shared layer is counted each time": freezing(is_norm, within="names"),
    "layer norms, group norms or instance norms are frozen, too": freezing(_also),
    "instance norms are frozen, too: they share a base class with batch norms": freezing(lambda m: isinstance(m, BASE)),
    "layers are chosen by exact type, so that subclasses are left out": freezing(
        lambda m: is_norm(m) and type(m).__module__.startswith("torch.")
    ),
    "layers are chosen by the name of their class": freezing(lambda m: "BatchNorm" in type(m).__name__),
    "the whole model is put into eval mode": lambda m: (m.eval(), freezing(is_norm)(m))[1],
    "all parameters are frozen": lambda m: (m.requires_grad_(False), freezing(is_norm)(m))[1],
    "the affine parameters are counted, not the layers": lambda m: RIGHT(m) and _affine(m),
    "the layers that are in eval mode already are not counted or frozen": freezing(lambda m: is_norm(m) and m.training),
}


def wanted_flags(plan: Plan, freeze: Freeze = RIGHT) -> tuple[int, dict[str, dict[str, bool]]]:
    """(count, flags afterwards) as this function leaves them."""
    model = prepared(plan)
    return freeze(model), flags(model)


def frozen_rightly(
    reply: Mapping[str, Any], plan: Plan, counts: int = 1, near: Mapping[str, Any] | None = None
) -> None:
    """The right number, and the right flags everywhere."""
    count, expected = wanted_flags(plan)
    for number in reply["counts"]:
        expect(number is not None, "the number of layers is None", "nothing is returned")
    found = ([integer(number, "the number of layers") for number in reply["counts"]], reply["flags"])
    if found == ([count] * counts, expected):
        expect(reply["same"], "Parameters are not the same objects afterwards", REPLACED)
        return
    wrongs = ((sentence, wanted_flags(copy.deepcopy(plan), freeze)) for sentence, freeze in WRONG.items())
    same = [
        sentence
        for sentence, (other, left) in wrongs
        if found[1] == left and (found[0] == [other] * counts or left != expected)
    ]
    wrong = next(iter([*(near or {}), *same]), None)
    for kind, word in (("training", "the mode"), ("requires_grad", "requires_grad")):
        changed = [name for name, flag in expected[kind].items() if found[1][kind].get(name) is not flag]
        if changed and changed[0] not in found[1][kind]:
            raise Failed(f"{_named(plan, changed[0])} is gone afterwards", "something is thrown away, not only frozen")
        if changed:
            raise Failed(f"{word} of {_named(plan, changed[0])} is not as the docstring promises", wrong)
    raise Failed(f"the number of layers is wrong: {str(found[0][0])[:40]}", wrong)
