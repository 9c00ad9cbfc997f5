"""Damaged archives, notebooks and results: only the errors that are declared, nothing written, little memory."""

import bz2
import gzip
import io
import json
import lzma
import os
import sys
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.collecting import archives, notebooks
from grader.collecting.choosing import Modules, module_of, take
from grader.collecting.limits import UnreadableError, UnusableError
from grader.results import ResultsError, read_results

MIB = 1 << 20
TOPICS = ("attention", "mlp", "rnn")
MEMBERS = {
    "w/exercises/rnn.py": b"r = 1\n",
    "大海" * 10 + "/mlp.py": b"m = 1\n" * 40,
    "w/attention.ipynb": b'{"cells": []}',
}
WRITING = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")
written: list[tuple[str, object]] = []
watching: list[bool] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if watching and (event in WRITING or (event == "open" and _writes(arguments))):
        written.append((event, arguments[0]))


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))


sys.addaudithook(_watch)  # for good: there is no way to take one off again


@contextmanager
def nothing_written() -> Iterator[None]:
    written.clear()
    watching.append(True)
    try:
        yield
    finally:
        watching.clear()
    assert written == []


def zipped(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in MEMBERS.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(form: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in MEMBERS.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


ZIPS = [zipped(m) for m in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)]
TARS = [tarred(form) for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)]
PACKERS: list[Callable[[bytes], bytes]] = [gzip.compress, bz2.compress, lzma.compress, bytes]
PACKED = [pack(tar) for tar in TARS for pack in PACKERS]
# (position, what is put there, how much of the old it takes the place of)
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 1 << 16), st.binary(max_size=8) | st.sampled_from([b"\xff" * 4, b"PK\1\2"]), st.integers(0, 8)
    ),
    max_size=6,
)


def damaged(data: bytes, changes: list[tuple[int, bytes, int]], end: int) -> bytes:
    out = bytearray(data[: max(len(data) - end, 0)])
    for position, new, old in changes:
        start = position % (len(out) + 1)
        out[start : start + old] = new
    return bytes(out)


def taken(data: bytes, name: str = "a.zip") -> Modules | None:
    """The modules of an archive, or None where it is refused."""
    with suppress(UnreadableError, UnusableError):
        return take(archives.open_archive(name, io.BytesIO(data), lambda parts: True), TOPICS)
    return None


def refused_or_small(data: bytes) -> None:
    tracemalloc.start()
    try:
        with nothing_written():
            found = taken(data)
        assert tracemalloc.get_traced_memory()[1] < 48 * MIB
    finally:
        tracemalloc.stop()
    for source in found.sources.values() if found else ():
        assert len(source) <= MIB


ENDS = st.just(0) | st.integers(0, 3000)


def test_the_watch_sees_a_file_that_is_written(tmp_path: Path) -> None:
    with pytest.raises(AssertionError), nothing_written():
        (tmp_path / "a").write_text("x")
    with pytest.raises(AssertionError), nothing_written():
        (tmp_path / "b").mkdir()


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(ZIPS), CHANGES, ENDS)
def test_a_damaged_zip_is_refused_or_read(data: bytes, changes: list[tuple[int, bytes, int]], end: int) -> None:
    refused_or_small(damaged(data, changes, end))


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(PACKED), CHANGES, ENDS)
def test_a_damaged_tar_is_refused_or_read(data: bytes, changes: list[tuple[int, bytes, int]], end: int) -> None:
    refused_or_small(damaged(data, changes, end))


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(TARS), CHANGES, ENDS, st.sampled_from(PACKERS))
def test_a_damaged_tar_in_a_sound_stream(
    data: bytes, changes: list[tuple[int, bytes, int]], end: int, pack: Callable[[bytes], bytes]
) -> None:
    refused_or_small(pack(damaged(data, changes, end)))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*ZIPS, *PACKED]), st.sampled_from([*ZIPS, *PACKED]), st.integers(0, 4000), st.integers(0, 4000))
def test_two_archives_spliced(one: bytes, other: bytes, head: int, tail: int) -> None:
    refused_or_small(one[:head] + other[tail:])


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_bomb_in_a_zip_takes_little_memory(method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("rnn.py", b"\0" * (200 * MIB))
    refused_or_small(buffer.getvalue())


CELLS = [
    {"cell_type": "code", "source": ["a = 1\n", "b = a"], "metadata": {}, "outputs": []},
    {"cell_type": "markdown", "source": "x", "metadata": {}},
    {"cell_type": "code", "source": "%%time\n!ls\nc = '# cell 7'", "metadata": {"nbgrader": {"grade": False}}},
]
NOTEBOOK = json.dumps({"cells": CELLS, "nbformat": 4}).encode()


def altered(node: object, new: object) -> Iterator[object]:
    """The tree, each time with another node in it replaced."""
    yield new
    for key in range(len(node)) if isinstance(node, list) else node if isinstance(node, dict) else ():
        for inner in altered(node[key], new):  # type: ignore[index]
            yield [*node[:key], inner, *node[key + 1 :]] if isinstance(node, list) else node | {key: inner}


@pytest.mark.parametrize(
    "new", [None, 5, -0.5, True, "x", "", [], [5], [[]], {}, {"a": None}, {"cells": [5]}], ids=repr
)
def test_a_notebook_with_any_part_replaced(new: object) -> None:
    for tree in altered(json.loads(NOTEBOOK), new):
        with suppress(UnusableError):
            assert notebooks.source_of(json.dumps(tree).encode(), "n").strip()


@settings(max_examples=250, deadline=None)
@given(CHANGES, ENDS)
def test_a_damaged_notebook_is_refused_or_code(changes: list[tuple[int, bytes, int]], end: int) -> None:
    data = damaged(NOTEBOOK, changes, end)
    with suppress(UnusableError):
        assert module_of(lambda limit: data, "rnn.ipynb", "rnn.ipynb").strip()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"# cell 1", b"# cell 23", b"# cell 0", b"# cell x", b"# cell " + b"9" * 5000, b"a", b""])
    ),
    st.integers(1, 30),
)
def test_every_line_has_a_place(lines: list[bytes], number: int) -> None:
    line, cell = notebooks.place(b"\n".join(lines), number)
    assert line <= number
    assert len(cell) < 20


def test_a_line_of_a_notebook_is_named_by_its_cell() -> None:
    source = notebooks.source_of(NOTEBOOK, "n")
    lines = source.splitlines()
    assert notebooks.place(source, lines.index(b"b = a") + 1) == (2, " of cell 1")
    assert notebooks.place(source, lines.index(b"c = '# cell 7'") + 1) == (3, " of cell 3")
    assert notebooks.place(b"x = 1\n# cell 1\ny\n", 3) == (3, "")


RESULTS = {
    "schema": 1,
    "run": {
        "started": "2026-01-31T12:00:00Z",
        "seconds": 1.5,
        "confinement": {"layers": ["seccomp"], "missing": []},
        "device": "sim",
        "versions": {"torch": "2.13"},
        "seed": "7",
    },
    "submissions": [
        {
            "id": "ann",
            "status": "graded",
            "points": 1.0,
            "max_points": 2.0,
            "checks": [
                {
                    "topic": "t",
                    "task": "f",
                    "kind": "gpu",
                    "name": "n",
                    "status": "passed",
                    "points": 1.0,
                    "max_points": 2.0,
                }
            ],
        }
    ],
}
TEXT = json.dumps(RESULTS).encode()
HUGE = TEXT.replace(b'"points": 1.0', b'"points": 1.7e308')


@settings(max_examples=200, deadline=None)
@given(CHANGES, ENDS)
@example([(0, b"[" * 20000, 3000)], 0)
def test_a_damaged_results_file_is_refused_or_read(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, bytes, int]], end: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "results.json"
    path.write_bytes(damaged(TEXT, changes, end))
    with suppress(ResultsError):
        read_results(path)


def test_a_sum_beyond_all_floats_is_refused(tmp_path: Path) -> None:
    two = json.loads(HUGE.replace(b'"max_points": 2.0', b'"max_points": 1.7e308'))
    two["submissions"][0]["checks"] *= 2
    (tmp_path / "r").write_text(json.dumps(two))
    with pytest.raises(ResultsError):
        read_results(tmp_path / "r")
