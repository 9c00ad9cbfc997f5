"""The class of examples shows what its README says."""

import re
import subprocess
import sys
from collections import Counter

import pytest

from grader.fingerprint import PACKAGE
from grader.paths import EXAMPLES, EXERCISES, SOLUTIONS
from grader.results import read_results


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """Every example, graded by the README's first command."""
    out = tmp_path_factory.mktemp("examples")
    command = [sys.executable, str(PACKAGE / "grade.py"), "--out", str(out), "--seed", "examples"]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {submission.id: submission for submission in read_results(out / "results.json").submissions}


def statuses(submission):
    return Counter(check.status for check in submission.checks)


def lost(submission):
    return {(c.task, c.kind) for c in submission.checks if c.status not in ("passed", "not_started")}


def test_there_are_ten(examples):
    assert len(examples) == 10
    assert {status for s in examples.values() for status in statuses(s)} == {
        *("passed", "failed", "error", "timeout", "not_started")
    }


def test_complete_and_untouched(examples):
    for name in ("ada_complete", "ivo_zipped", "大海"):
        assert set(statuses(examples[name])) <= {"passed", "not_started"}
    assert set(statuses(examples["ada_complete"])) == {"passed"}
    assert set(statuses(examples["cleo_untouched"])) == {"not_started"}
    assert set(statuses(examples["ben_half_done"])) == {"passed", "not_started"}


def test_the_untouched_one_is_what_is_handed_out():
    for path in (EXAMPLES / "cleo_untouched").glob("*.py"):
        assert path.read_bytes() == (EXERCISES / path.name).read_bytes(), "copy exercises/ to examples/cleo_untouched"


def test_a_syntax_error_costs_its_topic_only(examples):
    broken = [c for c in examples["dan_syntax_error"].checks if c.topic == "strides"]
    assert all(c.status == "error" and "SyntaxError" in c.message for c in broken)
    assert all(c.status == "passed" for c in examples["dan_syntax_error"].checks if c.topic == "tensor_init")


def test_cheating_gains_nothing(examples):
    cheated = ("band", "causal_mask", "describe")
    assert all(c.points == 0 for c in examples["eve_cheats"].checks if c.task in cheated)
    assert all(c.status == "passed" for c in examples["eve_cheats"].checks if c.task == "uniform")


def test_loops_lose_speed_and_copies_lose_sharing(examples):
    assert {task for task, kind in lost(examples["finn_slow"]) if kind == "speed"} == {"band", "causal_mask", "windows"}
    assert {kind for _, kind in lost(examples["finn_slow"])} == {"speed", "correctness"}


def test_mixed_devices_lose_gpu_checks_only(examples):
    assert lost(examples["gus_device_mixer"]) == {(t, "gpu") for t in ("normal", "causal_mask", "xavier_uniform")}


def test_hanging_is_a_timeout(examples):
    assert lost(examples["hana_hangs"]) == {(task, "correctness") for task in ("offset_of", "is_row_major")}
    assert statuses(examples["hana_hangs"])["timeout"] == 4


@pytest.mark.slow
def test_a_language_model_learns_with_the_reference_modules(tmp_path):
    """A few rounds of ada's script; the whole of it comes to a factor of about 3."""
    script, plot = EXAMPLES / "ada_complete" / "train_language_model.py", tmp_path / "plot.svg"
    command = [sys.executable, script, "--modules", SOLUTIONS, "--rounds", "4", "--plot", plot]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    factor = float(re.search(r"a factor of ([\d.]+)", done.stdout)[1])
    assert factor > 1.8, done.stdout
    assert "</svg>" in plot.read_text(encoding="utf-8")
