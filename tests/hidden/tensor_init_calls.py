"""Calls that leave torch's settings alone, are allowed or refused, or run on the accelerator."""

from collections.abc import Mapping
from typing import Any

import torch

from grader.judge import boolean, expect, on, sequence
from grader.student import Raised
from grader.verdicts import Broke, Failed

NO_GRAD = {"the grad mode": False}


def settled(student, *args: Any, **kwargs: Any) -> Any:
    """The value of a call that leaves torch's global settings as they were, whatever they were.

    Under another default dtype the task may give or raise what it likes: float32 is often asked for by leaving it out.
    """
    value = settled_under({}, student, *args, **kwargs)
    others = {"the default dtype": torch.float64, **NO_GRAD}
    outcome = student.outcome("settled", student.task, others, *args, **kwargs)
    if not isinstance(outcome, Raised):
        _unchanged(outcome)
    return value


def settled_under(settings: Mapping[str, Any], student, *args: Any, **kwargs: Any) -> Any:
    """The value of a call under these global settings, which it leaves as they were."""
    return _unchanged(student.probe("settled", student.task, settings, *args, **kwargs))


def _unchanged(outcome: Any) -> Any:
    value, changed, inference, kept = sequence(outcome, 4)
    names = ", ".join(map(str, sequence(changed)))
    expect(not names, f"the call changed {names} for everybody", "changes a global setting of torch")
    expect(boolean(kept), "a list that was given holds something else after the call", "the argument is written to")
    locked = "made in inference mode: outside of it nobody can write to the result, nor can autograd keep it"
    expect(not boolean(inference), "the result is an inference tensor", locked)
    return value


def takes(student, mistake: str, *args: Any, **kwargs: Any) -> Any:
    """The value of a call that is allowed; raising something there has a name."""
    try:
        return student.call(*args, **kwargs)
    except Broke as broke:
        own = broke.message.startswith(f"`{student.task}` raised") and "NameError" not in broke.message
        raise Broke(broke.message, mistake if own else broke.diagnosis) from None


def traced(student, *args: Any, **kwargs: Any) -> tuple[Any, Mapping[str, Any]]:
    """(value, trace) on the accelerator, where global settings stay as they were too."""
    settled_under({}, student, *args, **kwargs)
    return student.traced(*args, **kwargs)


def made_there(student, device: str, *args: Any) -> None:
    """The result lies on the device; whether these arguments are taken at all is for another check."""
    outcome = student.outcome("call", student.task, *args, device=device)
    if not isinstance(outcome, Raised):
        on(outcome, device)


def refuses(student, *args: Any, naming: tuple[str, ...] = (), **kwargs: Any) -> None:
    """A ValueError, with the reason why it is missing as the diagnosis."""
    try:
        student.refuses(*args, naming=naming, **kwargs)
    except Failed as failure:
        unnamed = "must name" in failure.message
        reason = "the message does not name the argument" if unnamed else "bad input raises, but not a ValueError"
        raise Failed(failure.message, failure.diagnosis or reason) from None
