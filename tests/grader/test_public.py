"""What a student sees of `pytest exercises/`: not started, passing and failing, and the exit code."""

import re
import shutil
import subprocess
import sys

import pytest
import torch

from grader import public
from grader.paths import EXERCISES, ROOT, SOLUTIONS, topics


@pytest.fixture
def kit(tmp_path):
    """A student's folder."""
    shutil.copytree(EXERCISES, tmp_path / "exercises", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(kit, *arguments):
    command = [sys.executable, "-m", "pytest", "exercises", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=kit, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def counts(output):
    return {word: int(number) for number, word in re.findall(r"(\d+) (not started|passed|failed|error)", output)}


def test_untouched_stubs_are_not_started(kit):
    code, output = run(kit)
    assert code == 1, output
    assert set(counts(output)) == {"not started"}
    assert "band" in output


def test_solutions_pass(kit):
    for topic in topics():
        shutil.copy(SOLUTIONS / f"{topic}.py", kit / "exercises")
    code, output = run(kit)
    assert code == 0, output
    assert set(counts(output)) == {"passed"}


def test_a_started_task_that_is_wrong_fails(kit):
    path = kit / "exercises" / "tensor_init.py"
    stub = path.read_text(encoding="utf-8")
    path.write_text(stub.replace('raise NotImplementedError("band")', "return torch.zeros(n, n)"), encoding="utf-8")
    code, output = run(kit, "-k", "tensor_init")
    assert code == 1
    assert counts(output)["failed"] >= 1
    assert counts(output)["not started"] >= 1


def test_an_own_not_implemented_error_is_a_failure(kit):
    path = kit / "exercises" / "tensor_init.py"
    stub = path.read_text(encoding="utf-8")
    body = "if n > 1:\n        raise NotImplementedError('later')\n    return torch.ones(n, n)"
    path.write_text(stub.replace('raise NotImplementedError("band")', body), encoding="utf-8")
    _, output = run(kit, "-k", "band")
    assert counts(output).get("failed", 0) >= 1


def test_kinds_can_be_chosen(kit):
    for topic in topics():
        shutil.copy(SOLUTIONS / f"{topic}.py", kit / "exercises")
    whole = counts(run(kit, "--collect-only")[1]) or run(kit, "--collect-only")[1].count("::")
    some = run(kit, "--collect-only", "-m", "gpu")[1].count("::")
    assert 0 < some < whole


def test_speed_is_compared_on_one_thread():
    """With more, the CPU clock counts threads that spin while they wait, and a fast answer looks slow."""
    before, seen = torch.get_num_threads(), set()
    torch.set_num_threads(2)
    try:
        public._times_faster(lambda: seen.add(torch.get_num_threads()), lambda: None)
        assert seen == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_a_coarse_clock_gives_the_same_ratio(monkeypatch):
    """Windows counts CPU time in steps of 16 ms, and one call takes less."""
    now = 0.0

    def clock():
        nonlocal now
        now += 1e-5
        return now // 0.015625 * 0.015625

    def takes(seconds):
        def function():
            nonlocal now
            now += seconds

        return function

    monkeypatch.setattr(public.time, "process_time", clock)
    public._tick.cache_clear()
    try:
        faster = public._times_faster(takes(0.001), takes(0.004))
    finally:
        public._tick.cache_clear()
    assert 3.5 < faster < 4.5
