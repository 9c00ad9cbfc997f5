"""Notebooks from solutions: for every topic, and what the parts make of small examples."""

import ast
import json
import shutil
import subprocess
import sys
import textwrap

import pytest

from grader.confined.loading import fingerprints
from grader.kit import KitError, leaks
from grader.nbgrading.cells import grade_cells
from grader.nbgrading.contracts import markdown
from grader.nbgrading.course import notebooks, write_course
from grader.nbgrading.declared import declared_checks
from grader.nbgrading.notebooks import file_name, notebook, released
from grader.nbgrading.regions import BEGIN, END, parts_of
from grader.nbgrading.trying import PublicTests
from grader.paths import HIDDEN, ROOT, SOLUTIONS, topics
from grader.stubs import stub_of

EACH_AS_MAIN = """
import sys, types
for path in sys.argv[1:]:
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    exec(compile(open(path, encoding="utf-8").read(), path, "exec"), main.__dict__)
"""


@pytest.fixture(scope="module")
def checks():
    return declared_checks()


@pytest.fixture(scope="module")
def files(checks):
    return notebooks(checks)


def cells_of(data):
    return [(cell, "".join(cell["source"])) for cell in json.loads(data)["cells"]]


def code_of(data):
    return "\n\n\n".join(text for cell, text in cells_of(data) if cell["cell_type"] == "code")


def test_every_topic_has_a_notebook_and_each_task_one_grade_cell_with_its_points(files, checks):
    assert sorted(files) == sorted(map(file_name, topics()))
    for topic in topics():
        marks = [cell["metadata"]["nbgrader"] for cell, _ in cells_of(files[file_name(topic)])]
        own = grade_cells(check for check in checks if check.topic == topic)
        assert {m["grade_id"]: m["points"] for m in marks if m["grade"]} == {c.grade_id: c.max_score for c in own}
        assert sum(cell.max_score for cell in own) == pytest.approx(10)


@pytest.mark.parametrize("topic", topics())
def test_the_cells_together_are_the_solution_and_without_answers_they_are_the_stub(files, topic):
    data = files[file_name(topic)]
    solution = (SOLUTIONS / f"{topic}.py").read_bytes()
    assert fingerprints(solution).items() <= fingerprints(code_of(data).encode()).items()
    handed_out = code_of(data).replace(END, "")
    for region in handed_out.split(BEGIN)[1:]:
        assert region.strip(), "an empty answer"
    stub = fingerprints(stub_of(solution.decode()).encode())
    assert stub.items() <= fingerprints(stubbed(code_of(data)).encode()).items()


def stubbed(code):
    """As nbgrader does it."""
    lines, inside = [], False
    for line in code.split("\n"):
        if BEGIN in line:
            lines.append(line.replace(BEGIN, "raise NotImplementedError()"))
        inside = (inside or BEGIN in line) and END not in line
        if not inside and END not in line:
            lines.append(line)
    return "\n".join(lines)


def test_no_notebook_gives_an_answer_away_once_nbgrader_has_taken_the_solutions_out(files):
    assert leaks({name: released(data) for name, data in files.items()}) == []
    assert {leak.name for leak in leaks(files)} == set(files), "before that, each does"


def test_nothing_is_written_when_an_answer_stands_outside_the_marks(tmp_path, monkeypatch, checks):
    monkeypatch.setattr("grader.nbgrading.course.declared_checks", lambda: checks)
    monkeypatch.setattr("grader.nbgrading.notebooks.contract", lambda node: f"Hint: {ast.unparse(node.body[-1])}")
    with pytest.raises(KitError, match="would give answers away: source/"):
        write_course(tmp_path / "course")
    assert not (tmp_path / "course").exists()


def test_a_check_of_what_no_solution_defines_is_an_error(checks):
    with pytest.raises(KitError, match="check what its solution does not define: diagonal"):
        notebook(
            "strides", "def windows(): ...", "", [check for check in checks if check.task in ("windows", "diagonal")]
        )


def test_with_the_answers_every_grade_cell_passes_and_says_so(files, tmp_path):
    """As in a kernel: the notebook is `__main__`."""
    programs = {topic: tmp_path / f"{topic}_notebook.py" for topic in topics()}
    for topic, path in programs.items():
        path.write_text(code_of(files[file_name(topic)]), encoding="utf-8")
    command = [sys.executable, "-c", EACH_AS_MAIN, *map(str, programs.values())]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    passed = {line.partition(":")[0] for line in done.stdout.splitlines()}
    assert len(passed) == sum(len(parts_of((SOLUTIONS / f"{topic}.py").read_text()).tasks) for topic in topics())


def test_the_tests_of_a_notebook_do_nothing_where_it_is_a_module(files):
    """A student may have made them part of it."""
    names = {"__name__": "strides"}
    exec(compile(stubbed(code_of(files[file_name("strides")])), "strides.py", "exec"), names)
    assert "try_windows" in names


SOLUTION = '''\
"""A topic."""

import math

NAMES = ("a", "b")

_FIRST = 1


def one(x):
    # above the answer
    return _shared(x) + _FIRST


class Two:
    def _early(self):
        return _deep()

    def __init__(self):
        """Build it.

        At length.
        """
        self.x = self._early()


def _shared(x):
    return x


def _deep():
    return _DEEPER


_DEEPER = 4
_UNUSED = 5
'''


def test_helpers_stand_in_the_answer_of_the_first_task_that_uses_them():
    parts = parts_of(SOLUTION)
    assert (parts.text, parts.setup) == ("A topic.", 'import math\n\nNAMES = ("a", "b")')
    assert parts.tasks["one"].code == (
        "def one(x):\n    ### BEGIN SOLUTION\n    # above the answer\n    return _shared(x) + _FIRST\n\n\n_FIRST = 1\n"
        "\n\ndef _shared(x):\n    return x\n    ### END SOLUTION"
    )
    two = parts.tasks["Two"].code
    assert (
        stubbed(two)
        == 'class Two:\n\n    def __init__(self):\n        """Build it."""\n        raise NotImplementedError()'
    )
    assert all(answer in two for answer in ("_early", "_deep", "_DEEPER = 4", "_UNUSED = 5"))
    assert ast.parse(two)


def test_a_class_without_a_public_method_has_no_room_for_helpers():
    with pytest.raises(KitError, match="the solution of Only has private helpers, but no public function"):
        parts_of("class Only:\n    def _hidden(self): ...\n")


def test_a_contract_is_markdown_that_swallows_nothing():
    text = markdown(
        "Take <pad> & `<eos>`.\n\nArgs:\n    x: one\n        two.\n    y: _three_.\n\n    Both.\n\n"
        ">>> f(1)\n2\n\nSlide: $1."
    )
    assert text == (
        "Take &lt;pad> &amp; `<eos>`.\n\n**Args:**\n\n- `x`: one\n  two.\n- `y`: \\_three\\_.\n\nBoth.\n\n"
        "```python\n>>> f(1)\n2\n```\n\n**Slide:** \\$1."
    )


PUBLIC = """\
import math
import topic
import pytest
from topic import area

SIDE = 2


def square():
    return SIDE


@pytest.mark.correctness
@pytest.mark.parametrize("a, b", [(1, 2)])
@pytest.mark.parametrize("c", [3])
def test_area_with_sides(a, b, c):
    assert topic.area(square()) == 4


@pytest.mark.correctness
def test_area_with_a_fixture(monkeypatch):
    assert area(1) == 1


@pytest.mark.gpu
def test_area_on_gpu(device):
    assert area(1) == 1


@pytest.mark.correctness
def test_area_of_circle():
    assert topic.area_of(1) == math.pi
"""


def test_public_tests_bring_what_they_use_and_those_with_fixtures_stay_behind():
    code = textwrap.dedent(PublicTests("topic", PUBLIC).of("area", ["area", "AreaOf"]))
    assert code == (
        "import __main__ as topic\n\nSIDE = 2\n\ndef square():\n    return SIDE\n\n"
        "def test_area_with_sides(a, b, c):\n    assert topic.area(square()) == 4\n\n"
        "for a, b in [(1, 2)]:\n    for c in [3]:\n        test_area_with_sides(a=a, b=b, c=c)"
    ), "AreaOf has the longer name, so the other test is its own"


def test_a_hidden_test_that_cannot_be_imported_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.nbgrading.declared.ROOT", tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-v")  # meant for the instructor's own tests
    (tmp_path / "tests" / "hidden").mkdir(parents=True)
    (tmp_path / "tests" / "hidden" / "test_broken.py").write_text("import nothing_of_that_name", encoding="utf-8")
    shutil.copy(HIDDEN / "conftest.py", tmp_path / "tests" / "hidden")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with pytest.raises(KitError, match=r"(?s)can't be collected.*nothing_of_that_name"):
        declared_checks()
