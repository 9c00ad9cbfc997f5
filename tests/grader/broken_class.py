"""A class of broken but honest submissions: what each hands in, and what its student has to be told.

Every row holds `strides` or a task of it wrong in one way. `Row.words` must all stand in the message.
"""

import gzip
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.paths import EXERCISES, SOLUTIONS

STRIDES = (SOLUTIONS / "strides.py").read_text(encoding="utf-8")
MODULES = (SOLUTIONS / "modules.py").read_text(encoding="utf-8")
STUB_OF_MODULES = (EXERCISES / "modules.py").read_text(encoding="utf-8")
STUB = (EXERCISES / "strides.py").read_text(encoding="utf-8")
FORWARD = """

class ResidualMLP(ResidualMLP):
    def __init__(self, dim, depth):
        super().__init__(dim, depth)

    def forward(self):
        return None
"""
HALF = STRIDES + "\n\ndef offset_of(index, stride, storage_offset=0):\n    return 0\n"
Files = Mapping[str, str | bytes]


@dataclass(frozen=True)
class Row:
    """A submission: its name, its files (or what it is as a file), and what comes of it.

    `status` is that of the first check of `task`, or "unreadable".
    """

    id: str
    files: Files | bytes
    status: str
    words: tuple[str, ...] = ()
    task: str = "row_major_strides"
    name: str = ""  # of the file or folder, where it is not the id


def module(id: str, source: str | bytes, status: str, *words: str, task: str = "row_major_strides") -> Row:
    """A folder with strides.py alone."""
    return Row(id, {"strides.py": source}, status, words, task)


def code(id: str, first: str, status: str, *words: str) -> Row:
    """The right solution, with something before it."""
    return module(id, first + "\n" + STRIDES, status, *words)


def task(id: str, name: str, definition: str, status: str, *words: str) -> Row:
    """The right solution but for one task."""
    return module(id, f"{STRIDES}\n\ndel {name}\n{definition}\n", status, *words, task=name)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def notebook(*cells: str, **more: object) -> bytes:
    """Each cell's text; all have one id, as after duplicating a cell in some editors."""
    made = [
        {"cell_type": "code", "id": "same", "source": cell.splitlines(keepends=True), "outputs": [], "metadata": {}}
        for cell in cells
    ]
    return json.dumps({"cells": made, "nbformat": 4, "nbformat_minor": 5, "metadata": {}} | more).encode()


def encrypted() -> bytes:
    data = bytearray(zipped({"strides.py": STRIDES}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


SYNTAX = [
    code("syntax", "def f(:", "error", "strides.py", "line 1", "`def f(:`"),
    code("indentation", "def f():\nreturn 1", "error", "strides.py", "line 2", "indent"),
    module("bracket", STRIDES + "\nx = f(1,\n", "error", "strides.py", "`x = f(1,`", "was never closed"),
    code("python2", 'print "x"', "error", "line 1", "parentheses"),
    module("null", STRIDES.encode() + b"\0\0", "error", "strides.py", "null bytes"),
    code("conflict", "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> main", "error", "line 1", "merge conflict"),
    code("smart_quotes", "x = “a”", "error", "line 1", "“", "quotes"),
    code("nbsp", "x =\N{NO-BREAK SPACE}1", "error", "line 1", "U+00A0", "space"),
    code("tabs", "if True:\n        x = 1\n\ty = 1", "error", "line 3", "tabs", "spaces"),
    module("latin1", f"# ä\n{STRIDES}".encode("latin-1", "replace"), "error", "strides.py", "line 1", "UTF-8"),
    module("utf16", STRIDES.encode("utf-16"), "error", "strides.py", "UTF-16", "UTF-8"),
    module("codec", f"# coding: klingon\n{STRIDES}", "error", "klingon", "UTF-8"),
    module(
        "latin1_declared",
        "# coding: latin-1\n# ä\n".encode("latin-1") + STRIDES.encode("latin-1", "replace"),
        "passed",
    ),
    module("bom", b"\xef\xbb\xbf" + STRIDES.encode(), "passed"),
    module("windows", STRIDES.replace("\n", "\r\n").encode(), "passed"),
    module("old_mac", STRIDES.replace("\n", "\r").encode(), "passed"),
    module("huge", b"", "error", "strides.py", "200.0 MiB"),
    module("empty_file", "", "error", "strides.py", "empty"),
    module("only_comments", "# nothing yet\n", "error", "`row_major_strides`", "not defined", "strides.py"),
]
NAMES = [
    Row("missing", {"modules.py": MODULES}, "not_started", ("strides.py was not handed in",)),
    Row("extra", {"strides.py": STRIDES, "poetry.py": "x = 1\n"}, "passed"),
    Row("capital", {"Strides.py": STRIDES}, "error", ("Strides.py", "named strides.py")),
    Row("browser", {"strides (1).py": STRIDES}, "error", ("strides (1).py", "named strides.py")),
    Row("final", {"strides_final.py": STRIDES}, "error", ("strides_final.py", "named strides.py")),
    Row("copy", {"Kopie von strides.py": STRIDES}, "error", ("Kopie von strides.py", "named strides.py")),
    Row("text", {"strides.py.txt": STRIDES}, "error", ("strides.py.txt", "named strides.py")),
    Row("typo", {"stride.py": STRIDES, "modules.py": MODULES}, "error", ("stride.py", "named strides.py")),
    Row("solution", {"solution.py": STRIDES}, "unreadable", ("solution.py", "strides.py")),
]
IMPORTS = [
    code("package", "import transformers", "error", "transformers", "line 1", "not installed"),
    code("relative", "from .modules import Classifier", "error", "line 1", "from modules import"),
    Row("other_handed_in", {"strides.py": "import modules\n" + STRIDES, "modules.py": MODULES}, "passed"),
    Row("other_missing", {"strides.py": "import modules\n" + STRIDES}, "error", ("modules.py", "handed in")),
    Row(
        "other_broken",
        {"strides.py": "import modules\n" + STRIDES, "modules.py": "def f(:\n"},
        "error",
        ("modules.py", "line 1"),
    ),
    code("printing", "print('hello')", "passed"),
    code("stderr", "import sys; print('hello', file=sys.stderr); import warnings; warnings.warn('x')", "passed"),
    code("input", "name = input('Your name: ')", "error", "line 1", "input()"),
    code("busy", "while True: pass", "timeout", "strides.py", "no answer after", "__main__"),
    code("sleeping", "import time\ntime.sleep(60)", "timeout", "strides.py", "sleeps"),
    code("opens_file", "open('data.txt')", "error", "line 1", "data.txt"),
    code("exits", "import sys\nsys.exit()", "error", "strides.py", "line 2", "SystemExit"),
    module("main", STRIDES + "\nif __name__ == '__main__':\n    raise RuntimeError\n", "passed"),
    code(
        "training",
        "import torch\nw = torch.zeros(3, requires_grad=True)\nfor _ in range(50):\n"
        "    (w - 1).square().sum().backward()\n    w.data -= 0.1 * w.grad\n    w.grad = None",
        "passed",
    ),
    code("name_error", "x = y", "error", "line 1", "`x = y`", "NameError"),
]
TASKS = [
    task("class_for_function", "offset_of", "class offset_of:\n    def __init__(self, *a): pass", "failed", "class"),
    task("class_without_init", "offset_of", "class offset_of:\n    pass", "error", "class", "function"),
    Row(
        "function_for_class",
        {"modules.py": MODULES + "\n\ndef Classifier(*a, **k):\n    return None\n"},
        "error",
        ("function", "class"),
        "Classifier",
    ),
    task(
        "too_few",
        "offset_of",
        "def offset_of(index):\n    return 0",
        "error",
        "offset_of(index, stride, storage_offset=0)",
    ),
    task(
        "other_names",
        "windows",
        "def windows(a, b, c=1):\n    return a.unfold(-1, b, c)",
        "error",
        "windows(x, size, step=1)",
    ),
    task(
        "extra_required",
        "offset_of",
        "def offset_of(index, stride, storage_offset, extra):\n    return 0",
        "error",
        "offset_of(index, stride, storage_offset=0)",
    ),
    Row(
        "class_signature",
        {"modules.py": MODULES.replace("def __init__(self, dim: int, depth: int)", "def __init__(self, dim: int)")},
        "error",
        ("ResidualMLP(dim, depth)",),
        "ResidualMLP",
    ),
    Row(
        "forward_signature",
        {"modules.py": MODULES + FORWARD},
        "error",
        ("forward",),
        "ResidualMLP",
    ),
    task("async", "row_major_strides", "async def row_major_strides(shape):\n    return ()", "failed", "async"),
    task(
        "generator", "row_major_strides", "def row_major_strides(shape):\n    yield 1", "failed", "generator", "yield"
    ),
    task(
        "lambda_result",
        "row_major_strides",
        "def row_major_strides(shape):\n    return lambda: ()",
        "failed",
        "function",
    ),
    task("none", "row_major_strides", "def row_major_strides(shape):\n    ()", "failed", "None", "return"),
    task("printed", "row_major_strides", "def row_major_strides(shape):\n    print(())", "failed", "None", "return"),
    module("deleted", STRIDES + "\ndel row_major_strides\n", "error", "`row_major_strides`", "not defined"),
    module("constant", STRIDES + "\nrow_major_strides = 3\n", "error", "row_major_strides", "function", "int"),
    module("stub", STUB, "not_started", "`row_major_strides`", "stub"),
    task(
        "recursion",
        "row_major_strides",
        "def row_major_strides(shape):\n    return row_major_strides(shape)",
        "error",
        "RecursionError",
    ),
    task("pass", "row_major_strides", "def row_major_strides(shape):\n    pass", "failed", "None"),
    task(
        "method",
        "row_major_strides",
        "class Solution:\n    def row_major_strides(self, shape):\n        return ()",
        "error",
        "not defined",
    ),
]
NOTEBOOKS = [
    Row("cells_twice", {"strides.ipynb": notebook(STRIDES, STRIDES)}, "passed"),
    Row(
        "cells_deleted",
        {"strides.ipynb": notebook(STRIDES.partition("def offset_of")[2].join(("def offset_of", "")))},
        "error",
    ),
    Row("not_json", {"strides.ipynb": "print('x')\n"}, "error", ("strides.ipynb", "notebook")),
    Row(
        "conflict_nb", {"strides.ipynb": b"<<<<<<< HEAD\n" + notebook(STRIDES)}, "error", ("strides.ipynb", "notebook")
    ),
    Row("empty_nb", {"strides.ipynb": notebook()}, "error", ("strides", "no code")),
    Row("zero_nb", {"strides.ipynb": b""}, "error", ("strides.ipynb", "empty")),
    Row(
        "error_cell",
        {"strides.ipynb": notebook("x = 1", "import torch\ny = 1 / 0", STRIDES)},
        "error",
        ("cell 2", "1 / 0"),
    ),
    Row("syntax_cell", {"strides.ipynb": notebook("x = 1", "def f(:", STRIDES)}, "error", ("cell 2", "def f(:")),
    Row("magics", {"strides.ipynb": notebook("%matplotlib inline\n!pip install torch", STRIDES)}, "passed"),
    Row(
        "markdown_only",
        {"strides.ipynb": json.dumps({"cells": [{"cell_type": "markdown", "source": "x", "metadata": {}}]})},
        "error",
        ("no code",),
    ),
]
FOLDERS = [
    Row("nothing", {}, "unreadable", ("empty", "strides.py")),
    Row("deep", {"a/b/c/strides.py": STRIDES}, "passed"),
    Row("too_deep", {"a/b/c/d/strides.py": STRIDES}, "unreadable", ("folder",)),
    Row("macos", {"__MACOSX/._strides.py": b"\0"}, "unreadable", ("empty",)),
    Row("ds_store", {".DS_Store": b"\0"}, "unreadable", ("empty",)),
    Row("git", {".git/config": "x", ".git/strides.py": STRIDES}, "unreadable", ("empty",)),
    Row("pycache", {"__pycache__/strides.cpython-311.pyc": b"\0"}, "unreadable", ("empty",)),
    Row("twice", {"old/strides.py": STRIDES, "new/strides.py": STRIDES}, "error", ("old/strides.py", "new/strides.py")),
    Row("corrupt", b"PK\x03\x04" + b"x" * 99, "unreadable", ("damaged",), name="corrupt.zip"),
    Row("cut", zipped({"strides.py": STRIDES})[:-30], "unreadable", ("damaged",), name="cut.zip"),
    Row("cut_tar", tarred({"strides.py": STRIDES.encode()})[:-30], "unreadable", ("damaged",), name="cut_tar.tar.gz"),
    Row("gzipped.py.gz", gzip.compress(STRIDES.encode()), "unreadable", ("gzipped.py.gz",), name="gzipped.py.gz"),
    Row("encrypted", encrypted(), "unreadable", ("password",), name="encrypted.zip"),
    Row(
        "zip_in_zip",
        zipped({"ann.zip": zipped({"strides.py": STRIDES})}),
        "unreadable",
        ("ann.zip", "unpack"),
        name="zip_in_zip.zip",
    ),
    Row("zip_in_folder", {"strides.zip": zipped({"strides.py": STRIDES})}, "unreadable", ("strides.zip", "unpack")),
    Row("seven", b"7z\xbc\xaf\x27\x1c", "unreadable", ("seven.7z", "zip"), name="seven.7z"),
    Row("rar", b"Rar!\x1a\x07", "unreadable", ("rar.rar", "zip"), name="rar.rar"),
    Row("rar_as_zip", b"Rar!\x1a\x07" + b"x" * 600, "unreadable", ("rar", "zip"), name="rar_as_zip.zip"),
    Row("essay.docx", b"PK", "unreadable", ("essay.docx",), name="essay.docx"),
    Row("homework", STRIDES.encode(), "unreadable", ("homework.py", "strides"), name="homework.py"),
    Row("backslashes", zipped({"work\\exercises\\strides.py": STRIDES}), "passed", name="backslashes.zip"),
    Row("climbing", zipped({"../strides.py": STRIDES}), "unreadable", ("../strides.py",), name="climbing.zip"),
]
IDS = [
    "two\nlines",
    "ann lee",
    "a\\b",
    "大海",
    "🐍🔥",
    "-rf",
    "ann..lee",
    "Case",
    "case",
    "e\u0301va",
    "\u00e9va",
    "'; DROP",
    "%s{0}",
    "=cmd()",
    "C:",
    "nul",
]
HONEST = [
    Row("honest", {"strides.py": STRIDES, "modules.py": MODULES}, "passed"),
    Row("half", {"exercises/strides.py": HALF, "exercises/modules.py": STUB_OF_MODULES}, "passed"),
    Row("packed", zipped({"work/strides.py": STRIDES}), "passed", name="packed.zip"),
]
ROWS = [*SYNTAX, *NAMES, *IMPORTS, *TASKS, *NOTEBOOKS, *FOLDERS]


def write_row(root: Path, row: Row) -> None:
    path = root / (row.name or row.id)
    if isinstance(row.files, bytes):
        path.write_bytes(row.files)
        return
    path.mkdir()
    for name, content in row.files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    if row.id == "huge":
        os.truncate(path / "strides.py", 200 << 20)
