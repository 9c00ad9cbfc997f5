"""The four graders: how each is prepared, run on some submissions, and asked for its points."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat

from comparison import notebooks
from comparison.classes import ROOT, TOPICS

HERE = Path(__file__).resolve().parent
SEED = "throughput"
Points = dict[str, dict[str, float]]  # student to check to points


@dataclass(frozen=True)
class Plan:
    """What all the tools are to do."""

    folder: Path  # to work in
    kinds: Sequence[str]
    jobs: int
    points: Mapping[str, float]  # check to points

    def environment(self) -> dict[str, str]:
        """For kernels and for plain pytest; one thread each, as grade.py gives its workers."""
        files = os.pathsep.join(str(ROOT / "tests" / "hidden" / f"test_{topic}.py") for topic in TOPICS)
        chosen = {"THROUGHPUT_FILES": files, "THROUGHPUT_KINDS": " or ".join(self.kinds), "THROUGHPUT_SEED": SEED}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        home = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)]), "OMP_NUM_THREADS": "1", "PATH": path}
        return os.environ | chosen | home

    def side_by_side(self, commands: Sequence[Sequence[str]], folders: Sequence[Path]) -> list[str]:
        """The standard output of each command, run in its folder, as many at a time as there are jobs."""
        with ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(self.run, commands, folders))

    def run(self, command: Sequence[str], folder: Path) -> str:
        """The standard output of a command."""
        done = subprocess.run(command, cwd=folder, env=self.environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout


def gradkit_command(plan: Plan, submissions: Path, out: Path) -> list[str]:
    chosen = [word for kind in plan.kinds for word in ("--kind", kind)]
    chosen += [word for topic in TOPICS for word in ("--topic", topic)]
    script = [sys.executable, str(ROOT / "grader" / "grade.py"), str(submissions)]
    return [*script, "--jobs", str(plan.jobs), "--seed", SEED, "--out", str(out), *chosen]


def gradkit_points(out: Path) -> Points:
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return {s["id"]: {gradkit_key(check): check["points"] for check in s["checks"]} for s in results["submissions"]}


def gradkit_key(check: Mapping[str, str]) -> str:
    return f"{check['topic']}: {check['kind']}: {check['task']}: {check['name']}"


def all_points(plan: Plan, submission: Path) -> dict[str, float]:
    """Every check and what it is worth: gradkit, asked with one submission."""
    out = plan.folder / "checks"
    plan.run(gradkit_command(plan, submission, out), plan.folder)
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return {gradkit_key(check): check["max_points"] for check in results["submissions"][0]["checks"]}


def gradkit(plan: Plan, students: Sequence[Path]) -> Callable[[], Points]:
    """grade.py on the whole class, with its confinement."""
    classroom, out = plan.folder / "class", plan.folder / "results"
    classroom.mkdir(parents=True)
    for student in students:
        shutil.copytree(student, classroom / student.name)

    def work() -> Points:
        plan.run(gradkit_command(plan, classroom, out), plan.folder)
        return gradkit_points(out)

    return work


def pytest(plan: Plan, students: Sequence[Path]) -> Callable[[], Points]:
    """A pytest process a submission, as `pytest tests/hidden --submission` runs it."""
    commands = [[sys.executable, str(HERE / "kernel_checks.py")] for _ in students]

    def work() -> Points:
        outputs = plan.side_by_side(commands, students)
        return {student.name: _printed(plan, text) for student, text in zip(students, outputs, strict=True)}

    return work


def _printed(plan: Plan, text: str) -> dict[str, float]:
    lines = [line.partition(" ") for line in text.splitlines() if line[:2] in ("0 ", "1 ")]
    return {key: int(passed) * plan.points[key] for passed, _, key in lines}


def otter(plan: Plan, students: Sequence[Path]) -> Callable[[], Points]:
    """`otter run`, which uses no container; a process a submission is all that it offers."""
    plan.folder.mkdir(parents=True)
    notebooks.otter_autograder(plan.folder / "autograder.zip", plan.points)
    folders = [plan.folder / student.name for student in students]
    for student, folder in zip(students, folders, strict=True):
        shutil.copytree(student, folder / "work")
        nbformat.write(notebooks.otter_notebook(), folder / "work" / f"{notebooks.ASSIGNMENT}.ipynb")
        shutil.make_archive(str(folder / "submission"), "zip", folder / "work")
    command = [
        str(Path(sys.executable).parent / "otter"),
        "run",
        "submission.zip",
        "-a",
        "../autograder.zip",
        "-o",
        ".",
    ]

    def work() -> Points:
        plan.side_by_side([[*command, "--no-logo"]] * len(folders), folders)
        return {folder.name: _otter_points(folder / "results.json") for folder in folders}

    return work


def _otter_points(path: Path) -> dict[str, float]:
    tests = json.loads(path.read_text(encoding="utf-8"))["tests"]
    return {test["name"]: test["score"] for test in tests if "max_score" in test}


def nbgrader(plan: Plan, students: Sequence[Path]) -> Callable[[], Points]:
    """`nbgrader autograde` knows no workers: each half of the class is a course of its own, and both run at once."""
    shares = [share for start in range(plan.jobs) if (share := students[start :: plan.jobs])]
    courses = [_course(plan, plan.folder / f"course{number}", share) for number, share in enumerate(shares)]

    def work() -> Points:
        plan.side_by_side([[_nbgrader(), "autograde", notebooks.ASSIGNMENT]] * len(courses), courses)
        return {name: points for course in courses for name, points in _nbgrader_points(course, plan).items()}

    return work


def _nbgrader() -> str:
    return str(Path(sys.executable).parent / "nbgrader")


def _course(plan: Plan, folder: Path, students: Sequence[Path]) -> Path:
    name = f"{notebooks.ASSIGNMENT}.ipynb"
    notebook = notebooks.nbgrader_notebook(plan.points)
    source = folder / "source" / notebooks.ASSIGNMENT
    source.mkdir(parents=True)
    nbformat.write(notebook, source / name)
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.ExecutePreprocessor.timeout = 300\n")
    plan.run([_nbgrader(), "generate_assignment", notebooks.ASSIGNMENT], folder)
    for student in students:
        target = folder / "submitted" / student.name / notebooks.ASSIGNMENT
        shutil.copytree(student, target)
        shutil.copy(folder / "release" / notebooks.ASSIGNMENT / name, target / name)
    return folder


def _nbgrader_points(course: Path, plan: Plan) -> Points:
    from nbgrader.api import Gradebook

    keys = {f"check{number:03}": key for number, key in enumerate(plan.points)}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        return {
            submission.student.id: {
                keys[grade.name]: grade.auto_score or 0.0
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in book.assignment_submissions(notebooks.ASSIGNMENT)
        }


TOOLS: dict[str, Callable[[Plan, Sequence[Path]], Callable[[], Points]]] = {
    "gradkit": gradkit,
    "pytest": pytest,
    "otter run": otter,
    "nbgrader autograde": nbgrader,
}
