"""What `measured` of a check says for people; the rest stays in results.json. A trace may hold anything."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from grader.reports.words import points

Measured = Mapping[str, JsonValue]

TRACE = {
    "launches": "launches",
    "to_device": "copies to the device",
    "to_host": "copies back",
    "readbacks": "read-backs",
}


@dataclass(frozen=True)
class Speed:
    """CPU time as a multiple of the reference's, and the multiple that is allowed."""

    ratio: float
    limit: float | None
    stopped: bool  # it was stopped there, and would have taken longer

    def sentence(self) -> str:
        """The same in words."""
        more = "more than " if self.stopped else ""
        most = f"; the limit is {points(self.limit)}" if self.limit else ""
        return f"{more}{points(self.ratio)} times the CPU time of the reference{most}"


def speed_of(measured: Measured) -> Speed | None:
    """The speed, where it was measured."""
    ratio, stopped = _positive(measured.get("ratio")), _positive(measured.get("at_least"))
    limit = _positive(measured.get("limit"))
    if ratio is not None:
        return Speed(ratio, limit, False)
    return Speed(stopped, limit, True) if stopped is not None else None


def counts_of(measured: Measured) -> dict[str, str]:
    """What the accelerator counted, by what it is called."""
    trace = measured.get("trace")
    if not isinstance(trace, dict):
        return {}
    return {words: number(trace[key]) for key, words in TRACE.items() if is_number(trace.get(key))}


def cpu_ops_of(measured: Measured) -> str:
    """The operations that ran on the CPU, in one line."""
    trace = measured.get("trace")
    ops = trace.get("cpu_ops") if isinstance(trace, dict) else None
    return ", ".join(map(str, ops)) if isinstance(ops, list) else ""


@dataclass(frozen=True)
class Code:
    """Lines of a submission, from which number on, and the number of the one that broke."""

    first: int
    mark: int | None
    text: str


def code_of(measured: Measured) -> Code | None:
    """The lines that a check is about."""
    code = measured.get("code")
    if not isinstance(code, dict):
        return None
    first, mark, text = code.get("first"), code.get("mark"), code.get("text")
    if not isinstance(first, int) or not isinstance(text, str) or not text:
        return None
    return Code(first, mark if isinstance(mark, int) else None, text)


def is_number(value: JsonValue) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def number(value: JsonValue) -> str:
    return points(value) if isinstance(value, float) else str(value)


def _positive(value: JsonValue) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return float(value) if 0 < value < math.inf else None
