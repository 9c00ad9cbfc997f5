"""autograder.zip for Gradescope: the grader with solutions, hidden tests and probes, and two scripts around it."""

import io
import shlex
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import grader
from grader.course import NAME as COURSE_FILE
from grader.kit.folder import KitError
from grader.kit.packing import HOUSE
from grader.kit.scripts import FAILED, RUN, SETUP
from grader.paths import HIDDEN, PROBES, ROOT, SOLUTIONS, topics

NAME = "autograder.zip"
HOME = "/opt/gradkit"  # on Gradescope's machine
UV = "0.13.9"
CONSTRAINTS = "constraints.txt"
SETTINGS = (COURSE_FILE, "pyproject.toml")  # of the course, and of pytest for the hidden tests
PACKAGE = Path(grader.__file__).resolve().parent
LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
WHEN = (1980, 1, 1, 0, 0, 0)  # the same files make the same zip
SCRIPTS = {"setup.sh", "run_autograder"}


def write_autograder(target: Path, options: Sequence[str] = ()) -> Path:
    """The zip, into a folder or as the file that is named; `options` go to every run."""
    path = target if target.suffix.lower() == ".zip" else target / NAME
    data = zipped(autograder_files(options))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def autograder_files(options: Sequence[str] = ()) -> dict[str, bytes]:
    """Every file of the zip by its name."""
    if not topics():
        raise KitError(f"no course here: {ROOT} has no solutions/")
    files = {"setup.sh": setup_script().encode(), "run_autograder": run_script(options).encode()}
    files |= _tree(PACKAGE, "grader")
    for folder in (SOLUTIONS, HIDDEN, PROBES):
        files |= _tree(folder, folder.relative_to(ROOT).as_posix())
    return files | {name: (ROOT / name).read_bytes() for name in SETTINGS if (ROOT / name).is_file()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip with these files, in order, none with a date; the scripts may be executed."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, WHEN)
            entry.create_system = 3  # Unix, whose modes follow
            entry.external_attr = (0o100755 if name in SCRIPTS else 0o100644) << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return data.getvalue()


def setup_script() -> str:
    needed = " ".join(shlex.quote(requirement) for requirement in _requirements())
    return _filled(SETUP, HOME=HOME, UV=UV, CONSTRAINTS=_constraints(), REQUIREMENTS=needed)


def run_script(options: Sequence[str] = ()) -> str:
    return _filled(RUN, HOME=HOME, FAILED=FAILED, OPTIONS="".join(f" {shlex.quote(option)}" for option in options))


def _filled(script: str, **values: str) -> str:
    for name, value in values.items():
        script = script.replace(f"@{name}@", value)
    return script


def _tree(folder: Path, name: str) -> dict[str, bytes]:
    return {f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    """Regular files; not those that other programs left."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and LEFT_OUT.isdisjoint(path.relative_to(folder).parts):
            yield path


def _constraints() -> str:
    """What was tested: on another machine, months later, the same versions are installed."""
    path = next((folder / CONSTRAINTS for folder in (ROOT, HOUSE) if (folder / CONSTRAINTS).is_file()), None)
    if path is None:
        raise KitError(f"{ROOT} has no {CONSTRAINTS}, which says what to install there: write one with `pip freeze`")
    return path.read_text(encoding="utf-8").strip()


def _requirements() -> list[str]:
    """What the grader itself needs."""
    project = HOUSE / "pyproject.toml"
    if project.is_file():
        needed: list[str] = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
        return needed
    try:
        return [text for text in requires("gradkit") or [] if "extra ==" not in text]
    except PackageNotFoundError:
        raise KitError(
            f"{HOUSE} has no pyproject.toml, and gradkit is not installed: nobody knows what it needs"
        ) from None
