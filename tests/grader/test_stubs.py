"""Stubs: made from solutions, up to date, and recognised when untouched."""

import ast
import doctest
import importlib.util
import textwrap

import pytest

from grader.confined.loading import fingerprints
from grader.paths import EXERCISES, SOLUTIONS, topics
from grader.release import main
from grader.stubs import stub_of

SOLUTION = textwrap.dedent(
    '''
    """A topic."""

    import torch

    _SECRET = 3


    def double(x):
        """Twice x.

        >>> double(2)
        4
        """
        y = x * 2  # the answer
        return y


    def _helper():
        return _SECRET


    class Layer(torch.nn.Module):
        """A layer."""

        def __init__(self, size):
            """Build it."""
            super().__init__()
            self.size = size

        def forward(self, x):
            return x + self.size

        def _private(self):
            return 1
    '''
)


@pytest.mark.parametrize("untouched", ["raise NotImplementedError", "raise NotImplementedError()  # YOUR CODE HERE"])
@pytest.mark.parametrize(
    "written", ["raise ValueError()", "return NotImplementedError()", "raise NotImplementedError() from x"]
)
def test_a_stub_is_known_whatever_its_error_says_and_nothing_else_is(untouched, written):
    stub = stub_of(SOLUTION)
    line = 'raise NotImplementedError("double")'
    assert fingerprints(stub.replace(line, untouched).encode()) == fingerprints(stub.encode())
    assert fingerprints(stub.replace(line, written).encode())["double"] != fingerprints(stub.encode())["double"]


def test_a_stub_keeps_what_teaches_and_drops_the_answer():
    stub = stub_of(SOLUTION)
    assert '"""Twice x.' in stub
    assert 'raise NotImplementedError("double")' in stub
    assert 'raise NotImplementedError("Layer.forward")' in stub
    for answer in ("x * 2", "_SECRET", "_helper", "_private", "self.size", "the answer"):
        assert answer not in stub
    ast.parse(stub)


@pytest.mark.parametrize("topic", topics())
def test_exercises_are_made_from_solutions(topic):
    stub = stub_of((SOLUTIONS / f"{topic}.py").read_text(encoding="utf-8"))
    assert (EXERCISES / f"{topic}.py").read_text(encoding="utf-8") == stub, "run: python grader/release.py stubs"


def test_release_writes_every_topic(tmp_path, capsys):
    assert main(["stubs", "--out", str(tmp_path)]) == 0
    assert sorted(path.stem for path in tmp_path.glob("*.py")) == topics()
    assert str(tmp_path) in capsys.readouterr().out


@pytest.mark.parametrize("topic", topics())
def test_examples_in_docstrings_are_true(topic):
    spec = importlib.util.spec_from_file_location(f"solutions_{topic}", SOLUTIONS / f"{topic}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    result = doctest.testmod(module)
    assert result.failed == 0
    assert result.attempted >= 1


@pytest.mark.parametrize("topic", topics())
def test_every_task_has_an_example_and_a_slide(topic):
    tree = ast.parse((SOLUTIONS / f"{topic}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            text = ast.get_docstring(node)
            assert ">>> " in text, node.name
            assert "Slide: " in text, node.name


def test_fingerprints_ignore_docstrings_comments_and_layout():
    stub = stub_of(SOLUTION)
    reworded = stub.replace("Twice x.", "Two times x.").replace("raise Not", "# later\n    raise Not", 1)
    assert fingerprints(reworded.encode()) == fingerprints(stub.encode())
    started = stub.replace('raise NotImplementedError("double")', "return x")
    assert fingerprints(started.encode())["double"] != fingerprints(stub.encode())["double"]
    assert fingerprints(started.encode())["Layer"] == fingerprints(stub.encode())["Layer"]


def test_fingerprints_of_broken_code_are_none():
    assert fingerprints(b"def f(:") == {}
    assert fingerprints(b"\xff\xfe\x00") == {}
    assert fingerprints(b"(" * 5000) == {}
