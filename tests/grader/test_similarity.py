import ast
import csv
import functools
import io
import re
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from test_html import pages
from test_reports import run, submission, written

from grader import grade, similarity
from grader.collect import Collected
from grader.paths import BANK, EXERCISES, SOLUTIONS, topics
from grader.reports import write_all
from grader.results import Pair, Results

sys.path.insert(0, str(BANK))

import bank

TOPIC = "strides"
needs_copydetect = pytest.mark.skipif(not similarity.available(), reason="copydetect is not installed")


@dataclass
class HandedIn:
    """A submission by its sources."""

    id: str
    sources: Mapping[str, bytes]

    def read(self) -> Collected:
        return Collected(self.id, self.sources, {})


class Renamed(ast.NodeTransformer):
    """Other names for all arguments and variables."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        builtin = node.id in dir(sys.modules["builtins"]) or node.id in ("torch", "math", "np", "nn", "F")
        return node if builtin or not node.id.islower() else ast.Name(f"my_{node.id}", node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(f"my_{node.arg}", node.annotation)


def copied(topic: str) -> bytes:
    """The solution without comments, renamed, its definitions in another order."""
    body = Renamed().visit(ast.parse((SOLUTIONS / f"{topic}.py").read_text())).body
    first = next(k for k, node in enumerate(body) if isinstance(node, (ast.FunctionDef, ast.ClassDef)))
    return ast.unparse(ast.Module(body[:first] + body[first:][::-1], [])).encode()


def independent(topic: str) -> bytes:
    """Every task as the bank's alternatives write it."""
    solution = ast.parse((SOLUTIONS / f"{topic}.py").read_text())
    others = {
        node.name: node
        for entry in bank.entries("alternatives", topic)
        for node in ast.parse(entry.path.read_text()).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }
    solution.body = [others.get(getattr(node, "name", ""), node) for node in solution.body]
    return ast.unparse(solution).encode()


def found(topic: str, *ids: str) -> list[HandedIn]:
    sources = {
        "original": (SOLUTIONS / f"{topic}.py").read_bytes(),
        "copy": copied(topic),
        "independent": independent(topic),
        "stub": (EXERCISES / f"{topic}.py").read_bytes(),
    }
    return [HandedIn(id, {topic: sources[id.rstrip("2")]}) for id in ids]


@needs_copydetect
@pytest.mark.parametrize("topic", topics())
def test_a_renamed_and_rearranged_copy_is_found_and_independent_work_is_not(topic: str) -> None:
    pairs = similarity.similar(found(topic, "original", "copy", "independent"), [topic])
    assert [(pair.topic, {pair.one, pair.other}) for pair in pairs] == [(topic, {"original", "copy"})]
    assert similarity.ALIKE <= pairs[0].share <= 1


@needs_copydetect
def test_the_same_stub_is_no_likeness() -> None:
    assert similarity.similar(found(TOPIC, "stub", "stub2"), [TOPIC]) == []


@needs_copydetect
def test_what_is_too_large_or_no_python_is_left_out_or_compared_as_text() -> None:
    solution = (SOLUTIONS / f"{TOPIC}.py").read_bytes()
    large = HandedIn("large", {TOPIC: solution * (similarity.LARGEST // len(solution) + 1)})
    odd = [HandedIn(str(k), {TOPIC: bytes([k]) * 300 + b"\xff\x00def (((''' \\"}) for k in range(3)]
    assert similarity.similar([large, HandedIn("larger", large.sources), *odd, HandedIn("none", {})], [TOPIC]) == []


@needs_copydetect
def test_sources_are_compared_and_never_run(tmp_path: Path) -> None:
    trap = f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n".encode()
    pair = [HandedIn(id, {TOPIC: (SOLUTIONS / f"{TOPIC}.py").read_bytes() + trap}) for id in ("ann", "bob")]
    assert [one.share for one in similarity.similar(pair, [TOPIC])] == [1.0]
    assert not (tmp_path / "ran").exists()


@needs_copydetect
def test_what_takes_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert similarity.similar(found(TOPIC, "original", "original2"), [TOPIC])
    monkeypatch.setattr(similarity, "LONGEST", 0.05)
    monkeypatch.setattr(similarity, "_own", functools.partial(_own_without_end, similarity._own))
    assert similarity.similar(found(TOPIC, "original", "original2"), [TOPIC]) == []


def _own_without_end(original: Any, source: bytes, given: set[int]) -> Any:
    """As if the fingerprint of this source were never done."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "_print", lambda source, window: [None for _ in iter(int, 1)])
        return original(source, given)


def test_a_search_without_end_is_interrupted() -> None:
    with pytest.raises(similarity.TooLongError), similarity._at_most(0.05):
        re.match(r"(a+)+$", "a" * 60 + "b")
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


@needs_copydetect
def test_a_topic_without_a_stub_is_compared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pair = found(TOPIC, "original", "original2")
    monkeypatch.setattr(similarity, "EXERCISES", tmp_path)
    assert [one.share for one in similarity.similar(pair, [TOPIC])] == [1.0]


def test_pairs_are_told_in_a_table_and_in_the_report(tmp_path: Path) -> None:
    pairs = [Pair(TOPIC, "ann", "=bob", 0.914)]
    done = write_all(Results(run(), [submission("ann"), submission("=bob")], pairs), tmp_path)
    assert not done.errors
    text = (tmp_path / "similarity.csv").read_text(encoding="utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["topic", "one", "other", "share"],
        [TOPIC, "ann", "'=bob", "0.914"],
    ]
    report = (tmp_path / "report.html").read_text()
    assert "Similar hand-ins" in report
    assert "91 %" in report


def test_nothing_is_said_of_likeness_where_nobody_looked(tmp_path: Path) -> None:
    assert "similarity.csv" not in written(tmp_path, submission("ann"))
    assert "Similar hand-ins" not in pages(tmp_path, submission("ann"))["report.html"].text


def test_without_copydetect_the_option_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(similarity, "EXTRA", "no_such_library")
    with pytest.raises(SystemExit) as ended:
        grade.main(["--similarity", "--out", str(tmp_path)])
    assert ended.value.code == grade.USAGE
    assert "pip install -e '.[instructor]'" in capsys.readouterr().err
