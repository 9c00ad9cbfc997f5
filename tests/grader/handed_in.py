"""Submissions that never were files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.collect import Collected


@dataclass
class InMemory:
    """A submission that never was a file."""

    id: str
    sources: Mapping[str, bytes]
    problems: Mapping[str, str] = field(default_factory=dict)
    message: str | None = None

    def read(self) -> Collected:
        return Collected(self.id, self.sources, self.problems, self.message)


def in_memory(id: str, texts: Mapping[str, str | bytes]) -> InMemory:
    encoded = {topic: text.encode() if isinstance(text, str) else text for topic, text in texts.items()}
    return InMemory(id, encoded)
