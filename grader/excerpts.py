"""The part of a submission that a check is about, with the line that its message names. Nothing here parses code."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

PLACE = re.compile(
    r"in line (\d{1,6})(?: of cell \d{1,6})?(?: of (\w{1,99})\.(?:py|ipynb))? \(`(.{0,300}?)`\)(?=:|;|$)", re.DOTALL
)
AROUND, MOST, WIDEST = 4, 16, 200  # lines to either side of the one that broke, of a function, characters of a line
SHOWN = ("failed", "error", "timeout")

Excerpt = dict[str, Any]  # {"first": its number, "mark": that of the line that broke or None, "text": the lines}


def attach(
    checks: Sequence[Mapping[str, Any]], outcomes: Sequence[dict[str, Any]], sources: Mapping[str, bytes]
) -> None:
    """Put an excerpt into what each check has measured, for those that earned nothing for what was written."""
    texts: dict[str, list[str]] = {}
    for check, outcome in zip(checks, outcomes, strict=True):
        if outcome["status"] in SHOWN and (found := _of(check, outcome["message"], sources, texts)):
            outcome["measured"] = {**outcome["measured"], "code": found}


def _of(
    check: Mapping[str, Any], message: str, sources: Mapping[str, bytes], texts: dict[str, list[str]]
) -> Excerpt | None:
    place = PLACE.search(message)
    topic = place[2] if place and place[2] in sources else check["topic"]
    if topic not in texts:
        texts[topic] = lines_of(sources.get(topic, b"").decode("utf-8", "replace"))
    mark = marked(texts[topic], int(place[1]), place[3].strip()) if place else None
    return excerpt(texts[topic], check["task"], mark)


def lines_of(text: str) -> list[str]:
    """As Python counts them: a form feed ends none."""
    return re.split(r"\r\n|\r|\n", text)


def excerpt(lines: Sequence[str], task: str, mark: int | None) -> Excerpt | None:
    """The lines around the marked one, else the beginning of the task."""
    if mark is not None:
        begin, end = max(0, mark - AROUND), mark + AROUND + 1
        begin = next((k for k in range(begin, mark) if lines[k].strip()), mark)
    else:
        begin, end = _definition(lines, task)
    text = "\n".join(line[:WIDEST] for line in lines[begin:end]).rstrip()
    return {"first": begin + 1, "mark": None if mark is None else mark + 1, "text": text} if text else None


def marked(lines: Sequence[str], number: int, text: str) -> int | None:
    """The index of a line by its number, else by its text: in a notebook's cell numbers are others."""
    if 0 < number <= len(lines) and lines[number - 1].strip()[:WIDEST] == text:
        return number - 1
    return next((k for k, line in enumerate(lines) if text and line.strip()[:WIDEST] == text), None)


def _definition(lines: Sequence[str], task: str) -> tuple[int, int]:
    """Where the last definition of a task begins and ends; an empty range where there is none."""
    head = re.compile(rf"(?:async\s+def|def|class)\s+{re.escape(task)}\b|{re.escape(task)}\s*=")
    begin = max((k for k, line in enumerate(lines) if head.match(line)), default=None)
    if begin is None:
        return 0, 0
    below = range(begin + 1, min(begin + MOST, len(lines)))
    end = next((k for k in below if re.match(r"[^\s)#]", lines[k])), min(begin + MOST, len(lines)))
    return begin, end
