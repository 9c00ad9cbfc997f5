"""Notebooks as submissions: what becomes of their cells, and that no content makes the reader fail."""

import contextlib
import json
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.collect import collect
from grader.collecting.limits import UnusableError
from grader.collecting.notebooks import code_of, source_of
from grader.paths import EXERCISES

TOPICS = ["strides", "modules"]


def notebook(*cells, **changes):
    return json.dumps({"cells": list(cells), "nbformat": 4, "nbformat_minor": 5, "metadata": {}} | changes).encode()


def code(*lines, **metadata):
    source = [f"{line}\n" for line in lines[:-1]] + list(lines[-1:])
    return {"cell_type": "code", "id": "same", "source": source, "metadata": metadata, "outputs": []}


def names_in(source):
    names = {}
    exec(source, names)
    return {name for name in names if not name.startswith("__")}


def test_code_cells_are_joined_and_text_is_left_out():
    text = {"cell_type": "markdown", "source": "# f(x", "metadata": {}}
    source = source_of(notebook(text, code("a = 1", "b = a"), code("def f():", "    return b")), "n").decode()
    assert names_in(source) == {"a", "b", "f"}
    assert "# cell 2\na = 1\nb = a\n" in source


def test_duplicated_cell_ids_and_an_older_format_are_accepted():
    assert names_in(source_of(notebook(code("a = 1"), code("b = 2")), "n")) == {"a", "b"}
    old = {"cell_type": "code", "input": ["c = 3"], "metadata": {}}
    assert names_in(source_of(json.dumps({"worksheets": [{"cells": [old]}]}).encode(), "n")) == {"c"}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install torch\nx = 1", "pass\nx = 1"),
        ("if True:\n    !ls\nx = 1", "if True:\n    pass\nx = 1"),
        ("files = !ls\nx = 1", "pass\nx = 1"),
        ("torch.add?\nx = 1", "pass\nx = 1"),
        ("?torch.add\nx = 1", "pass\nx = 1"),
        ("%%time\nx = 1", "\nx = 1"),
        ("%%bash\nrm -rf /", ""),
        ("%%writefile a.py\nx = 1", ""),
        ("x = (7\n% 3)", "x = (7\n% 3)"),
        ('x = """\n%time\n!ls\n"""', 'x = """\n%time\n!ls\n"""'),
        ("def f(:", "def f(:"),
        ("", ""),
    ],
)
def test_magics_are_left_out_and_python_is_kept(cell, expected):
    assert code_of(cell) == expected


def test_tests_of_nbgrader_are_left_out():
    graded = code("assert False", nbgrader={"grade": True, "solution": False, "grade_id": "t"})
    written = code("a = 1", nbgrader={"grade": True, "solution": True, "grade_id": "s"})
    assert names_in(source_of(notebook(written, graded), "n")) == {"a"}


def test_in_a_folder_an_archive_or_alone(tmp_path):
    content = notebook(code("x = 1"))
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "strides.ipynb").write_bytes(content)
    (tmp_path / "bob_modules.ipynb").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "大海.zip", "w") as archive:
        archive.writestr("exercises/strides.ipynb", content)
    found = {c.id: c for c in collect(tmp_path, TOPICS)}
    assert {id: list(c.sources) for id, c in found.items()} == {
        "ann": ["strides"],
        "bob_modules": ["modules"],
        "大海": ["strides"],
    }
    assert all(names_in(source) == {"x"} for c in found.values() for source in c.sources.values())


def test_a_module_comes_before_a_notebook_and_the_other_is_named(tmp_path):
    (tmp_path / "strides.ipynb").write_bytes(notebook(code("x = 1")))
    (tmp_path / "strides.py").write_bytes(b"y = 1\n")
    (tmp_path / "modules.ipynb").write_bytes(notebook(code("z = 1")))
    (found,) = collect(tmp_path, TOPICS)
    assert found.sources["strides"] == b"y = 1\n"
    assert "strides.py was graded; not strides.ipynb" in found.notes


@pytest.mark.parametrize("packed", [False, True])
def test_a_notebook_comes_before_the_stub_as_it_was_handed_out(tmp_path, packed):
    stub = (EXERCISES / "strides.py").read_bytes()
    files = {"kit/exercises/strides.py": stub.replace(b"\n", b"\r\n"), "kit/strides.ipynb": notebook(code("x = 1"))}
    with zipfile.ZipFile(tmp_path / "ann.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    if not packed:
        zipfile.ZipFile(tmp_path / "ann.zip").extractall(tmp_path / "ann")
    [found] = collect(tmp_path / ("ann.zip" if packed else "ann"), ["strides"])
    assert names_in(found.sources["strides"]) == {"x"}
    assert found.notes == ()


def test_of_stubs_alone_the_best_is_taken(tmp_path):
    stub = (EXERCISES / "strides.py").read_text(encoding="utf-8")
    for folder in (tmp_path, tmp_path / "exercises"):
        folder.mkdir(exist_ok=True)
        (folder / "strides.py").write_text(stub, encoding="utf-8")
    [found] = collect(tmp_path, ["strides"])
    assert found.notes == ("exercises/strides.py was graded; not strides.py",)


def test_a_broken_notebook_costs_its_topic_only(tmp_path):
    (tmp_path / "strides.ipynb").write_bytes(b"{")
    (tmp_path / "modules.py").write_bytes(b"y = 1\n")
    (found,) = collect(tmp_path, TOPICS)
    assert list(found.sources) == ["modules"]
    assert "strides.ipynb is not a notebook that can be read" in found.problems["strides"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["cells", "cell_type", "source", "metadata", "nbgrader", "x"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_content_is_a_module_or_one_error(content):
    with contextlib.suppress(UnusableError):
        assert isinstance(source_of(content, "n"), bytes)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.text("%!? \n\tx=.(a", max_size=30))
def test_any_cell_has_code(cell):
    assert isinstance(code_of(cell), str)


def test_more_code_than_a_module_may_hold_is_not_looked_at():
    with pytest.raises(UnusableError, match=r"the code of n is larger than 1\.0 MiB"):
        source_of(notebook(code("x = f'" + "{a}" * 400_000 + "'")), "n")


def test_two_threads_never_parse_at_once(monkeypatch):
    """Python 3.11.2, Debian's, can fail then with a SystemError."""
    inside, most = [], []

    def parse(code):
        inside.append(code)
        most.append(len(inside))
        time.sleep(0.01)
        inside.pop()

    monkeypatch.setattr("grader.collecting.notebooks.ast", SimpleNamespace(parse=parse))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(code_of, ["x = 1"] * 8))
    assert most == [1] * 8
