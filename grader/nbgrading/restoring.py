"""A submitted notebook with the course's own grade cells, whatever became of them in the student's hands.

Only the type and the text of a student's cells are taken; outputs and metadata are not. Which cells are graded, and for
how many points, is what nbgrader noted in its gradebook when the assignment was made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

METADATA = {"language_info": {"name": "python"}}
MAKERS = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


@dataclass(frozen=True)
class KnownCell:
    """A cell as it is in nbgrader's gradebook."""

    grade_id: str
    cell_type: str
    source: str
    checksum: str | None
    locked: bool
    solution: bool
    task: bool
    points: float | None  # None: it is not graded

    @property
    def is_autograded(self) -> bool:
        return self.points is not None and not self.solution and not self.task

    @property
    def metadata(self) -> dict[str, Any]:
        graded = self.points is not None and not self.task
        marks = {"grade": graded, "solution": self.solution, "locked": self.locked, "task": self.task}
        names = {"grade_id": self.grade_id, "cell_type": self.cell_type, "schema_version": 3}
        some = {"checksum": self.checksum, "points": self.points}
        return marks | names | {key: value for key, value in some.items() if value is not None}


def known_cells(notebook: Any) -> list[KnownCell]:
    """The cells of a notebook of nbgrader's gradebook, in their order."""
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    points = {cell.name: float(cell.max_score) for cell in (*notebook.grade_cells, *notebook.task_cells)}
    return [
        KnownCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source or "",
            checksum=cell.checksum,
            locked=bool(cell.locked),
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=points.get(cell.name),
        )
        for cell in notebook.source_cells
    ]


def restored(notebook: Any, known: Sequence[KnownCell]) -> Any:
    """A new notebook from the texts of a submitted one. Of two cells that claim one id, the last has it."""
    listed = notebook.get("cells", [])
    submitted = [cell for cell in (listed if isinstance(listed, list) else []) if isinstance(cell, Mapping)]
    claims = {_claim(cell): number for number, cell in enumerate(submitted)}
    own = {claims[cell.grade_id]: cell for cell in known if cell.grade_id in claims}
    cells = [_cell(*_plain(cell), own.get(number)) for number, cell in enumerate(submitted)]
    places = {cell.grade_id: cells[number] for number, cell in own.items()}
    above = None
    for cell in known:
        if cell.grade_id not in places and (cell.locked or cell.points is not None):
            places[cell.grade_id] = added = _cell(cell.cell_type, cell.source, cell)
            cells.insert(_behind(above, cells), added)
        above = places.get(cell.grade_id, above)
    return new_notebook(cells=cells, metadata=METADATA)


def _behind(above: Any, cells: Sequence[Any]) -> int:
    """The place below this cell; the first, where there is none above."""
    return next((number for number, cell in enumerate(cells, start=1) if cell is above), 0)


def _plain(cell: Mapping[str, Any]) -> tuple[str, str]:
    """Type and text of a student's cell."""
    kind, source = cell.get("cell_type"), cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return (kind if isinstance(kind, str) and kind in MAKERS else "raw"), text


def _claim(cell: Mapping[str, Any]) -> str | None:
    """The id that a student's cell says it has."""
    marks = cell.get("metadata", {})
    marks = marks.get("nbgrader") if isinstance(marks, Mapping) else None
    claimed = marks.get("grade_id") if isinstance(marks, Mapping) else None
    return claimed if isinstance(claimed, str) else None


def _cell(kind: str, text: str, known: KnownCell | None) -> Any:
    if known is None:
        return MAKERS[kind](source=text)
    source = known.source if known.locked else text
    return MAKERS[known.cell_type](source=source, metadata={"nbgrader": known.metadata})


def autograded(known: Iterable[KnownCell]) -> dict[str, float]:
    """Id and points of the cells that get their points from a grader."""
    return {cell.grade_id: cell.points for cell in known if cell.is_autograded and cell.points is not None}
