"""similarity.csv: pairs of similar hand-ins, where they were looked for."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.files import write_atomically
from grader.reports.escape import csv_cell
from grader.results import Pair, Results, Submission

SEES_ALL = True  # instructors alone read it


class Similarity:
    """Written at the end, and only where pairs were looked for: else a file from before stays as it is."""

    def __init__(self, pairs: Sequence[Pair] | None, path: Path) -> None:
        self.pairs, self.path = pairs, path

    def add(self, submission: Submission) -> None:
        pass

    def finish(self) -> list[Path]:
        if self.pairs is None:
            return []
        write_atomically(self.path, _lines(self.pairs), encoding="utf-8-sig")
        return [self.path]


def begin(results: Results, out: Path) -> Similarity:
    return Similarity(results.similar, out / "similarity.csv")


def _lines(pairs: Sequence[Pair]) -> Iterator[str]:
    for row in (["topic", "one", "other", "share"], *([p.topic, p.one, p.other, f"{p.share:.3f}"] for p in pairs)):
        line = io.StringIO()
        csv.writer(line).writerow([csv_cell(cell) for cell in row])
        yield line.getvalue()
