"""A course folder for nbgrader: a source notebook for each topic, and the configuration by which gradkit grades."""

from collections.abc import Sequence
from pathlib import Path

from grader.kit.folder import Changes, KitError, update
from grader.kit.leaking import leaks
from grader.nbgrading.declared import Declared, declared_checks
from grader.nbgrading.notebooks import file_name, notebook, released
from grader.paths import EXERCISES, ROOT, SOLUTIONS, topics

CONFIG = '''\
"""nbgrader's configuration of this course. What stands here may be changed, but for what is said of c.Autograde."""

import os

from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)

c = get_config()  # noqa: F821 (nbgrader defines it)
c.CourseDirectory.course_id = {course_id!r}

# Where solutions/ and tests/hidden/ lie.
os.environ.setdefault("GRADKIT_COURSE", {root!r})

# gradkit grades the submitted files, each check in a confined process of its own, and writes the points into the grade
# cells. No cell of a student runs in nbgrader: it must not have its own Execute in this list.
c.Autograde.exporter_class = "grader.nbgrading.preprocessors.AnyFile"
c.Autograde.sanitize_preprocessors = [
    "grader.nbgrading.preprocessors.RestoreCells",
    ClearOutput,
    DeduplicateIds,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    "grader.nbgrading.preprocessors.ConfinedGrading",
    IgnorePattern,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
'''


def write_course(folder: Path) -> Changes:
    """Write or update the folder; nothing at all is written where a notebook would give an answer away."""
    files = notebooks(declared_checks())
    if found := leaks({name: released(data) for name, data in files.items()}):
        raise KitError(f"this would give answers away: {'; '.join(map(str, found[:5]))}")
    return update(folder, files | {"nbgrader_config.py": config(folder.resolve().name)})


def notebooks(checks: Sequence[Declared]) -> dict[str, bytes]:
    """The source notebook of every topic, by its place in the course folder."""
    return {file_name(topic): notebook(topic, _solution(topic), _public(topic), checks) for topic in topics()}


def config(name: str) -> bytes:
    """nbgrader_config.py; the course is called like its folder."""
    course_id = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
    return CONFIG.format(course_id=course_id or "course", root=str(ROOT)).encode()


def _solution(topic: str) -> str:
    return (SOLUTIONS / f"{topic}.py").read_text(encoding="utf-8")


def _public(topic: str) -> str:
    path = EXERCISES / f"test_{topic}.py"
    return path.read_text(encoding="utf-8") if path.is_file() else ""
