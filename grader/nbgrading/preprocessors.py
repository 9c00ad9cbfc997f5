"""gradkit in `nbgrader autograde`: what nbgrader_config.py puts in the place of nbgrader's own.

What a notebook is worth is found out by grade.py's own engine, in processes of its own, from the file that was handed
in. Nothing of it runs in nbgrader's process, and there is no kernel.
"""

import os
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum, Integer

from grader.collecting.names import clean_name
from grader.nbgrading.filling import fill
from grader.nbgrading.grading import Asked, Grading, TroubleError
from grader.nbgrading.restoring import KnownCell, autograded, known_cells, restored
from grader.paths import topics

GRADING = Grading()  # nbgrader makes new preprocessors for each notebook
STRUCTURE = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")


class AnyFile(NotebookExporter):
    """Reads what was handed in, and an empty notebook where that is none: grading says so, and gives no point."""

    def from_file(self, file_stream: Any, resources: Any = None, **options: Any) -> tuple[Any, Any]:
        try:
            notebook = nbformat.read(file_stream, as_version=4)
        except OSError:
            raise
        except Exception:  # whatever nbformat stumbles over
            notebook = nbformat.v4.new_notebook()
        converted: tuple[Any, Any] = self.from_notebook_node(notebook, resources=resources, **options)
        return converted


class RestoreCells(NbGraderPreprocessor):
    """Before nbgrader looks at a notebook: its own grade cells, where they were changed, doubled or lost."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        return restored(nb, _known(resources)), resources


class ConfinedGrading(NbGraderPreprocessor):
    """In the place of Execute: the points of each grade cell, and what passed and what did not."""

    device = Enum(("auto", "sim", "cuda"), "auto", help="Where gpu checks run.").tag(config=True)
    jobs = Integer(min(4, os.cpu_count() or 1), min=1, help="Workers side by side.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        student = resources["nbgrader"]["student"]
        try:
            submission = GRADING.of(student, self._asked(resources["nbgrader"]))
        except TroubleError as trouble:
            raise TroubleError(f"gradkit could not grade {clean_name(student)}: {trouble}") from trouble.__cause__
        fill(nb, submission, autograded(_known(resources)))
        return nb, resources

    def _asked(self, names: Any) -> Asked:
        """All that this command is to grade."""
        topic, converter = names["assignment"], self.parent.parent
        if topic != names["notebook"] or topic not in topics():
            raise TroubleError(
                f"the notebook {topic}/{names['notebook']} is none of the course's topics ({', '.join(topics())}), so "
                "that nothing tells what it is worth"
            )
        coursedir = converter.coursedir
        if coursedir.directory_structure != STRUCTURE:
            raise TroubleError(f"c.CourseDirectory.directory_structure must be {STRUCTURE}")
        students = {names["student"], *(Path(path).parent.name for path in converter.assignments)}
        return Asked(
            course=Path(coursedir.root),
            submitted=Path(coursedir.format_path(coursedir.submitted_directory, ".", ".")),
            topic=topic,
            students=tuple(sorted(students)),
            device=self.device,
            jobs=self.jobs,
        )


def _known(resources: Any) -> list[KnownCell]:
    names = resources["nbgrader"]
    with Gradebook(names["db_url"]) as gradebook:
        return known_cells(gradebook.find_notebook(names["notebook"], names["assignment"]))
