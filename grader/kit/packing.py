"""What is in the kit, as a mapping from names to bytes: nothing is copied that is not named or imported here."""

import ast
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import grader
from grader.kit.texts import pyproject, readme
from grader.paths import EXERCISES, SOLUTIONS, topics
from grader.stubs import stub_of

HOUSE = Path(grader.__file__).resolve().parent.parent  # the folder that holds the package
PLUGIN = "grader.public"
CI = {  # by the names that GitHub and GitLab look for
    ".github/workflows/public-tests.yml": "github-tests.yml",
    ".github/workflows/hidden-tests.yml": "github-hidden.yml",
    ".gitlab-ci.yml": "gitlab-ci.yml",
}


def contents() -> dict[str, bytes]:
    """Every file of the kit by its name, with slashes, relative to the kit."""
    files = {f"exercises/{topic}.py": stub_of(source).encode() for topic, source in _solutions()}
    files |= {f"exercises/{path.name}": path.read_bytes() for path in public_tests()}
    files |= {path.relative_to(HOUSE).as_posix(): path.read_bytes() for path in modules(PLUGIN)}
    files |= {name: Path(__file__).with_name("ci").joinpath(file).read_bytes() for name, file in CI.items()}
    texts = {"README.md": readme(topics()), "pyproject.toml": pyproject(grader.__version__), "LICENSE": _license()}
    return {name: _unix(data) for name, data in (files | {n: t.encode() for n, t in texts.items()}).items()}


def public_tests() -> list[Path]:
    """The tests of topics that have a solution, and their conftest.py; of what else lies there, nothing."""
    tests = [EXERCISES / f"test_{topic}.py" for topic in topics()]
    return [EXERCISES / "conftest.py", *(path for path in tests if path.is_file())]


def modules(name: str) -> list[Path]:
    """The files of a module of the grader and of all that it imports from the grader, sorted."""
    found: set[Path] = set()
    waiting = [name]
    while waiting:
        path = _file(waiting.pop())
        if path and path not in found:
            found.add(path)
            waiting += _imports(path)
    return sorted(found)


def _imports(path: Path) -> Iterator[str]:
    """Names that may be modules: of `from a.b import c` that is a, a.b and a.b.c."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        parts = [name.split(".") for name in names]
        yield from (".".join(p[:end]) for p in parts for end in range(1, len(p) + 1))


def _file(name: str) -> Path | None:
    """Where a module of the grader lies; None for a module of others, and for a name that is no module."""
    if name.split(".")[0] != grader.__name__:
        return None
    path = HOUSE.joinpath(*name.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def _solutions() -> Iterator[tuple[str, str]]:
    for topic in topics():
        yield topic, (SOLUTIONS / f"{topic}.py").read_text(encoding="utf-8")


def _license() -> str:
    """Of the grader, whose plugin is in the kit."""
    beside = HOUSE / "LICENSE"
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    try:
        text = distribution("gradkit").read_text("licenses/LICENSE")
    except PackageNotFoundError:
        text = None
    return text or "MIT License\n\nCopyright (c) 2026 The gradkit developers\n"


def _unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")
