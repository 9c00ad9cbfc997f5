"""Errors that tell which mistake raised them."""

from typing import Any

from grader.student import Raised
from grader.verdicts import Failed

BY_CHANCE = ("max()", "min()", "not enough values", "zip()")
CHANCE = "a ValueError by chance, whose message tells nothing of the argument"
NAMELESS = "the message does not name the argument"
STACKED = {
    "stack expects": "rows of different lengths are stacked as they are",
    "resiz": "samples are resized in place",
    "CUDA": "the batch is moved to a device, which a worker process must not do",
}
UNKNOWN = {"KeyError": "a token that the vocabulary does not know raises KeyError"}
WALKED = {"no sample": "the dataset is walked through until IndexError, where its len() tells where it ends"}
NO_IDS = {"": "rows without ids are not taken, though ids may be empty"}
NO_SAMPLES = {"": "a dataset of no samples is not taken, though one that is not shuffled may be empty"}
NO_TEXTS = {"": "a dataset of no texts is not taken, though N may be 0"}
LOST = {"object has no attribute": "what the dataset keeps is lost in another process: it stands on the class"}
TRUTH = {"Boolean value of Tensor": "a tensor is asked whether it is true", "Tensor' object": "tensors are not taken"}
REBUILT = {
    "first argument must be callable": "a defaultdict is rebuilt from pairs, which it does not take",
    "RecursionError": "strings are walked through like lists, without an end",
    "device' object has no attribute": "a torch.device is not understood, only its name",
    "for +: 'torch.device'": "a torch.device is not understood, only its name",
    "cannot pickle": "what is no tensor is copied, where the same object is meant",
    "tensor to numpy": "tensors go through NumPy, which knows no device but the CPU",
    "positional argument": "a named tuple is rebuilt from one list, which it does not take",
}


def refused(student: Any, name: str, *args: Any, naming: tuple[str, ...]) -> None:
    """A probe raises ValueError with a message of its own; what is raised instead names the mistake."""
    outcome = student.outcome(name, *args)
    if isinstance(outcome, Raised) and outcome.message.startswith(BY_CHANCE):
        raise Failed(f"bad input must raise a ValueError of its own; it raised {outcome.sentence()}", CHANCE)
    try:
        student.probe_refuses(name, *args, naming=naming, error="ValueError")
    except Failed as failed:
        other = "another error than ValueError" if "must raise" in failed.message else None
        chance = NAMELESS if "must name" in failed.message else None
        raise Failed(failed.message, failed.diagnosis or other or chance) from None
