"""Runs of a task with a model, and what the model was fed: the notes that `probes.teacher_forcing.Observed` took."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from hidden.teacher_forcing_losses import Batch
from hidden.teacher_forcing_models import Sketch
from torch import Tensor

from grader.judge import expect, knowing, sequence, tensor
from grader.verdicts import Failed

AGAIN = "the whole prefix is run again for each token, where the state makes one new token do"
PIECES = "the prompt is fed in pieces, where the first call is to take it whole"
DROPPED = "the state is not handed on"
ASKED = "the state is not handed on where it is false or empty, such as 0 or (): only None says that there is none"
GRAPH = "a graph is built on the way: gradients are on while the model runs"
MODE = "the model is in another mode, train() or eval(), than before"
GRADIENTS = "gradients are on or off for whoever calls, where they were not"
RAISES = {
    "view size is not compatible": "view needs contiguous labels: reshape and flatten take every layout",
    "does not require grad": "backward is run inside: gradients are the caller's affair, and may be off",
}


def run_of(model: Sketch, *args: Any, **options: Any) -> dict[str, Any]:
    return {"model": model, "args": list(args), "training": True, "grad": True, **options}


def request(run: dict[str, Any]) -> dict[str, Any]:
    """The same for a probe."""
    return {**run, "model": run["model"].request}


def runs_of(cases: list[tuple[Sketch, Batch]], **options: Any) -> list[dict[str, Any]]:
    """One run for each case, in turn with and without names."""
    runs = []
    for number, (model, of) in enumerate(cases):
        names = {"inputs": of.inputs, "labels": of.labels, "pad_id": of.pad} if number % 2 else {}
        args = [] if names else of.args
        runs.append(run_of(model, *args, kwargs=names, **options))
    return runs


def observed(student: Any, runs: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    """A reply for each run; runs with one model, one after the other, are runs with one object.

    Four runs in a row have every combination of train or eval mode with gradients on or off.
    """
    for n, run in enumerate(runs):
        run |= {"training": n % 2 == 0, "grad": n // 2 % 2 == 0 or "backward" in run}
    requests = [request(run) for run in runs]
    for before, run, asked in zip(runs, runs[1:], requests[1:], strict=False):
        if run["model"] is before["model"]:
            asked["model"] = None
    with knowing(RAISES):
        replies = sequence(student.probe("all_observed", student.task, requests), len(runs), "the replies")
    return [{**reply, "changed": changed(*sequence(reply["flags"], 2))} for reply in replies]


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """What a call changed, if anything: the model's modes, which weights are trainable, whether gradients are on."""
    if before["training"] != after["training"]:
        return MODE
    if before["requires_grad"] != after["requires_grad"]:
        return "requires_grad of the model's parameters is another afterwards"
    return None if before["grad"] is after["grad"] else GRADIENTS


def calls_of(reply: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return sequence(reply["calls"], what="the list of the model's calls")


def fed(call: Mapping[str, Any]) -> Tensor:
    """The ids of one call, (B, T)."""
    return tensor(call["ids"], "what the model is fed").data


def without_graph(reply: Mapping[str, Any]) -> None:
    expect(not any(call["graph"] for call in calls_of(reply)), "the model's outputs carry a graph", GRAPH)


def one_call(reply: Mapping[str, Any], inputs: Tensor) -> None:
    """The model ran once, on all inputs."""
    calls = calls_of(reply)
    each = "the model is called step by step or row by row, where one call does all"
    expect(len(calls) == 1, f"the model was called {len(calls)} times", each if len(calls) > 1 else None)
    expect(calls[0]["state"] == "none", "the model was given a state with the first tokens")
    other = "the model is fed something other than the gold inputs"
    expect(torch.equal(fed(calls[0]).long(), inputs), "the model was not fed the inputs as they are", other)


@contextmanager
def explained(model: Sketch, reply: Mapping[str, Any], tokens: Tensor, first: int, matters: Tensor) -> Iterator[None]:
    """Inside, a failure that nothing else explains is explained by the calls of the model, as far as they tell."""
    try:
        yield
    except Failed as failed:
        why = None
        try:
            token_by_token(reply, tokens, first, matters)
        except Failed as other:
            why = other.diagnosis
        asked = ASKED if model.brief and why == DROPPED else None
        raise Failed(failed.message, asked or failed.diagnosis or why) from None


def token_by_token(reply: Mapping[str, Any], tokens: Tensor, first: int, matters: Tensor) -> None:
    """The first call is fed this many columns of the tokens and no state, each later one the next column and the state.

    Only ids where `matters` holds are compared.
    """
    calls, place = calls_of(reply), 0
    for number, call in enumerate(calls):
        ids = fed(call)
        width = first if number == 0 else 1
        if tuple(ids.shape) != (len(tokens), width):
            seen = f"call {number + 1} of the model was fed ids of shape {tuple(ids.shape)}"
            raise Failed(seen, AGAIN if ids.dim() == 2 and ids.size(1) > width else PIECES if width > 1 else None)
        state = call["state"]
        expect(number > 0 or state == "none", "the first call was given a state")
        expect(number == 0 or state == "last", f"call {number + 1} was not given the latest state", DROPPED)
        wanted, mask = tokens[:, place : place + width], matters[:, place : place + width]
        same = torch.equal(ids.long()[:, : wanted.size(1)][mask], wanted[mask])
        expect(same, f"call {number + 1} of the model was fed wrong tokens", "the model is not fed its own choice")
        place += width


def no_more_calls(reply: Mapping[str, Any], most: int, what: str) -> None:
    count = len(calls_of(reply))
    expect(count <= most, f"{count} calls of the model for {most} {what}", "a needless call of the model")


@contextmanager
def otherwise(sentence: str | None) -> Iterator[None]:
    """Inside, a failure that nothing else explains is explained by this."""
    try:
        yield
    except Failed as failed:
        raise Failed(failed.message, failed.diagnosis or sentence) from None
