"""The helpers of the benchmarks that compare graders."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.paths import BANK, ROOT


@pytest.fixture(autouse=True)
def _paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BANK))
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))


def read(folder: Path) -> list[dict[str, bytes]]:
    return [{path.name: path.read_bytes() for path in student.iterdir()} for student in sorted(folder.iterdir())]


def test_the_class_depends_on_its_seed_alone(tmp_path: Path) -> None:
    from comparison.classes import write_class

    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_class(tmp_path / name, 5, seed)
    assert read(tmp_path / "a") == read(tmp_path / "b") != read(tmp_path / "c")


def test_every_submission_is_whole(tmp_path: Path) -> None:
    from comparison.classes import TOPICS, write_class

    write_class(tmp_path, 20)
    assert all(set(student) == {f"{topic}.py" for topic in TOPICS} for student in read(tmp_path))


def test_no_two_modules_are_equal_though_the_bank_is_small(tmp_path: Path) -> None:
    from comparison.classes import write_class

    write_class(tmp_path, 200, topics=["strides"])
    assert len({student["strides.py"] for student in read(tmp_path)}) == 200


def test_the_class_holds_no_attack(tmp_path: Path) -> None:
    from comparison.classes import write_class

    write_class(tmp_path, 40)
    known = [path.read_bytes() for kind in ("alternatives", "mistakes") for path in (BANK / kind).glob("*/*.py")]
    known += [path.read_bytes() for path in (ROOT / "solutions").glob("*.py")]
    for student in read(tmp_path):
        assert all(
            any(code.rpartition(b"\n# handed in")[0].endswith(own) for own in known) for code in student.values()
        )


def test_the_meter_counts_grandchildren() -> None:
    from comparison.meter import MIB, Meter

    hold = "import time; held = bytearray(200 << 20); held[::4096] = b'x' * len(held[::4096]); time.sleep(2)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}], check=True)"
    with Meter(interval=0.1) as meter:
        subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)
    assert meter.peak > 200
    assert meter.peak_root < 200
    assert max(tree for _, tree, _ in meter.samples) < 1000 * MIB
    assert meter.cpu > 0
