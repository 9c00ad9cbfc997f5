"""The bank: submissions with a known verdict, each a small overlay on the solutions.

    mistakes/<topic>/<task>-<slug>.py       one task wrong; its docstring names the mistake
    alternatives/<topic>/<slug>.py          one or more tasks, right, in an unusual style
    slow/<topic>/<task>.py                  right values at the wrong cost
    attacks/<slug>.py                       hostile

An overlay's definitions stand behind the solution's and so replace them. `python tests/bank/bank.py DIR` writes every
entry as a submission folder, which `pytest tests/hidden --submission` and `grader/grade.py` take.
"""

import argparse
import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.collect import Collected

HERE = Path(__file__).resolve().parent
SOLUTIONS = HERE.parent.parent / "solutions"


@dataclass(frozen=True)
class Entry:
    """One overlay, which can be graded as a submission."""

    kind: str
    topic: str
    path: Path

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.topic}.{self.path.stem}"

    @property
    def id(self) -> str:
        return self.name

    def read(self) -> "Collected":
        from grader.collect import Collected  # only here: as a script, this module stands alone

        return Collected(self.id, {self.topic: self.source()}, {})

    @property
    def task(self) -> str:
        """The task that a mistake or slow example gets wrong."""
        return self.path.stem.split("-")[0]

    @property
    def sentence(self) -> str:
        """What the entry does, from its docstring."""
        return ast.get_docstring(ast.parse(self.path.read_text(encoding="utf-8"))) or ""

    def source(self) -> bytes:
        """The whole module: the solution, then the overlay."""
        solution = (SOLUTIONS / f"{self.topic}.py").read_bytes()
        return solution + b"\n\n# " + b"-" * 100 + b"\n" + self.path.read_bytes()


def entries(kind: str, topic: str | None = None) -> list[Entry]:
    """All entries of a kind, of one topic or of all."""
    paths = sorted((HERE / kind).glob(f"{topic or '*'}/*.py"))
    return [Entry(kind, path.parent.name, path) for path in paths]


def write(entry: Entry, folder: Path) -> Path:
    """The entry as a submission folder."""
    target = folder / entry.name
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{entry.topic}.py").write_bytes(entry.source())
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", action="append", choices=["mistakes", "alternatives", "slow"])
    parser.add_argument("--topic")
    options = parser.parse_args()
    for kind in options.kind or ["mistakes", "alternatives", "slow"]:
        for entry in entries(kind, options.topic):
            print(write(entry, options.folder))


if __name__ == "__main__":
    main()
