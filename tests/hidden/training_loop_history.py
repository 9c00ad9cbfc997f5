"""What the four dicts of gradient_history have to hold."""

from collections.abc import Iterable
from typing import Any

import torch
from hidden.training_loop_judging import alike, mistake_of_states, same_state, step_ways
from hidden.training_loop_references import Batch, Plan, State, started, state_of, walk, widened
from torch import Tensor

from grader.judge import expect, sequence, tensor
from grader.verdicts import Failed

MOMENTS = ("zero_grad", "backward", "step", "the second zero_grad")
VALUES_NOT_COPIED = "the values are not copied: they show what happens later"
GRADIENTS_NOT_COPIED = "the gradients are not copied: what happens later shows in them"


def slopes(plan: Plan, batch: Batch) -> tuple[dict[str, Tensor | None], State, State]:
    """The gradient of each parameter by name, and the states before and after the step."""
    model, optimizer, loss_fn = started(plan)
    before = state_of(model)
    inputs, targets = widened(batch)
    loss_fn(model(inputs), targets).backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    optimizer.step()
    return gradients, before, state_of(model)


def four_dicts(history: Any) -> None:
    found = sequence(history, None, "the history")
    wrong = "one dict after each of the four calls, no more and no fewer"
    expect(len(found) == 4, f"the history has {len(found)} items", wrong)


def pair_of(history: Any, k: int, name: str) -> tuple[Any, Any]:
    """(value, gradient) of a parameter in one of the four dicts."""
    snapshot = sequence(history, 4, "the history")[k]
    expect(isinstance(snapshot, dict), f"item {k} of the history is not a dict")
    wrong = "a parameter is left out: frozen ones stand in the dict with None, under the names of named_parameters()"
    expect(name in snapshot, f"{name} is missing after {MOMENTS[k]}", wrong)
    value, gradient = sequence(snapshot[name], 2, f"the entry of {name}")
    expect(value is not None, f"the value of {name} is None", "the pair is (value, gradient), in this order")
    return tensor(value, f"the value of {name}"), gradient


def only(seen: Any) -> float:
    """The one number of a tensor of any shape."""
    found = tensor(seen)
    expect(found.data.numel() == 1, f"a tensor of one number has shape {found.shape}")
    return float(found.data)


def expect_history(
    history: Any, name: str, values: list[Tensor], gradient: Tensor | None, old: Tensor | None, dtype: torch.dtype
) -> None:
    """Values from before and after the step; the gradient None or zeros where it is cleared, else this one."""
    for k in range(4):
        value, seen = pair_of(history, k, name)
        if not alike(value, values[k >= 2]):
            raise Failed(f"the value of {name} is wrong after {MOMENTS[k]}", _other_value(k, value, values))
        _same_dtype(value, dtype, f"the value of {name}")
        if gradient is None:
            wrong = "something stands for the gradient of a frozen parameter: it has none"
            expect(seen is None, f"the gradient of {name} is not None", wrong)
        elif k in (0, 3):
            _cleared(seen, k, name)
        else:
            wrong = "a gradient of zeros is a gradient, too: it is not None"
            wrong = "the dict is taken too early or late" if gradient.any() else wrong
            expect(seen is not None, f"{name} has no gradient after {MOMENTS[k]}", wrong)
            if not alike(seen, gradient):
                raise Failed(
                    f"the gradient of {name} is wrong after {MOMENTS[k]}", _other_gradient(seen, gradient, old)
                )
            _same_dtype(seen, dtype, f"the gradient of {name}")


def _same_dtype(seen: Any, dtype: torch.dtype, what: str) -> None:
    expect(tensor(seen, what).dtype == dtype, f"{what} has another dtype", "a copy has the dtype of what it copies")


def expect_names(history: Any, names: Iterable[str]) -> None:
    """The dicts name these, and nothing more."""
    more = {str(name) for item in history for name in item} - set(names)
    wrong = "buffers stand in the dicts: parameters are meant" if any("running" in name for name in more) else None
    if more == {"layers.2.weight"}:  # of a plan with ties
        wrong = "a parameter that two layers share stands there twice: named_parameters() gives it once"
    expect(not more, "the dicts name more than the parameters", wrong)


def expect_one_step(seen: Any, plan: Plan, batch: Batch, old: State) -> None:
    """The state after one step."""
    if not same_state(seen, next(walk(plan, [batch]))[1]):
        wrong = mistake_of_states([seen], step_ways(plan, [batch], old)) or "not exactly one step is made"
        raise Failed("the model is wrong afterwards", wrong)


def _cleared(seen: Any, k: int, name: str) -> None:
    wrong = {0: "old gradients are not cleared first", 3: "the gradients are not cleared in the end"}
    cleared = seen is None or not tensor(seen, "a gradient").data.any()
    expect(cleared, f"{name} has a gradient after {MOMENTS[k]}", wrong.get(k))


def _other_value(k: int, value: Any, values: list[Tensor]) -> str | None:
    if tensor(value, "a value").shape != tuple(values[0].shape):
        return "another parameter stands under this name: an optimizer's groups have an order of their own"
    if k < 2 and alike(value, values[1]):
        return VALUES_NOT_COPIED
    return "no step is made between the dicts" if k >= 2 and alike(value, values[0]) else None


def _other_gradient(seen: Any, gradient: Tensor, old: Tensor | None) -> str | None:
    if old is not None and alike(seen, gradient + old):
        return "gradients pile up on old ones"
    if not tensor(seen, "a gradient").data.any():
        return GRADIENTS_NOT_COPIED
    return "backward runs twice without clearing in between" if alike(seen, 2 * gradient) else None
