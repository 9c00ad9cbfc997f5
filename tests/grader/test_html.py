import base64
import hashlib
import itertools
import json
import math
import random
import re
import statistics
import time
import weakref
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_reports import ANY, HOSTILE, check, run, submission, written

from grader.reports import each, feedback_html, feedback_md, report_html, write_all
from grader.reports.charts import WIDTH, histogram, quartiles, scatter, speed_bar
from grader.reports.escape import html, plain
from grader.reports.measures import Speed, speed_of
from grader.reports.pages import TEMPLATES
from grader.reports.tallies import Tallies
from grader.reports.words import points
from grader.results import CheckResult, Results, Submission, write_results
from grader.student import Raised

EVIL = [
    *HOSTILE,
    "\"><img src=x onerror='a'>",
    "' onclick='a",
    "{{ run.seed }}{% raw %}",
    "</style><b>",
    "]]>\u202e\x00",
]
STATUSES = ["passed", "failed", "error", "timeout", "not_started", "unproven"]


class Page(HTMLParser):
    """A page as tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = text
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Which tags and attributes there are; names in backticks may become code."""
        return [(tag, tuple(attributes)) for tag, attributes in self.tags if tag != "code"]


def pages(folder: Path, *submissions: Submission, **changes: Any) -> dict[str, Page]:
    texts = written(folder, *submissions, **changes)
    return {name: Page(text) for name, text in texts.items() if name.endswith(".html")}


def of_every_kind(text: str, **changes: Any) -> list[CheckResult]:
    """A check of every status, each with everything that a check can tell."""
    trace = {"launches": 12, "to_device": 0, "to_host": 1, "readbacks": 3, "cpu_ops": [text]}
    told = {"message": text, "hint": text, "diagnosis": text, "measured": {"ratio": 2.5, "limit": 3, "trace": trace}}
    return [
        check(topic=text, task=text, name=f"{text}{status}", kind="speed", status=status, **told, **changes)
        for status in STATUSES
    ]


def class_of(size: int, seed: int = 1) -> list[Submission]:
    """A class in which the strong pass more."""
    draw = random.Random(seed)
    names = [(f"topic {k % 2}", f"task {k % 4}", f"check {k}") for k in range(10)]
    strengths = [draw.random() for _ in range(size)]
    return [
        submission(
            f"student {i}",
            *(
                check(topic=topic, task=task, name=name, status="passed", points=1.0, max_points=1.0)
                if draw.random() < strength
                else check(topic=topic, task=task, name=name, status="failed", max_points=1.0, diagnosis="a loop")
                for topic, task, name in names
            ),
        )
        for i, strength in enumerate(strengths)
    ]


@pytest.mark.parametrize("evil", EVIL)
def test_what_strangers_write_is_text_in_every_field(tmp_path: Path, evil: str) -> None:
    def made(text: str) -> dict[str, Page]:
        bare = {"layers": [text], "missing": [text]}
        graded = submission(text, *of_every_kind(text), message=text)
        lost = submission(f"{text}2", status="unreadable", message=text)
        return pages(tmp_path, graded, lost, device=text, confinement=bare, versions={text: text}, seed=text)

    for page, harmless in zip(made(evil).values(), made("harmless").values(), strict=True):
        assert page.shape == harmless.shape
        shown = re.sub(r"[`\s]+", " ", plain(evil))
        assert re.sub(r"[`\s]+", " ", page.text).count(shown) >= harmless.text.count("harmless") > 1


@given(ANY | st.text("\"'<>&=` x", max_size=20))
def test_html_reads_back_as_the_text_in_tags_and_attributes(text: str) -> None:
    page = Page(f'<p title="{html(text)}">{html(text)}</p>')
    assert page.tags == [("p", {"title": plain(text)})]
    assert "".join(page.texts) == plain(text)


def test_totals_are_those_of_the_results(tmp_path: Path) -> None:
    submissions = class_of(12)
    write_results(tmp_path / "results.json", Results(run(), submissions))
    raw = json.loads((tmp_path / "results.json").read_text())["submissions"]
    told = pages(tmp_path, *submissions)
    for one in raw:
        total = f"{points(one['points'])} of {points(one['max_points'])}"
        text = told[f"feedback/{one['id']}.html"].text
        assert f"Total: {total} points" in text
        assert f"{one['id']} {total}" in told["report.html"].text.replace("\n", " ").replace(one["id"], f"{one['id']} ")
        sums = re.findall(r"topic \d: ([\d.]+) of", text)
        assert math.fsum(map(float, sums)) == pytest.approx(one["points"])


def test_pages_need_nothing_from_elsewhere_and_run_nothing(tmp_path: Path) -> None:
    for page in pages(tmp_path, *class_of(6), submission("a//b", *of_every_kind("https://evil.example"))).values():
        values = [value for _, attributes in page.tags for name, value in attributes.items() if name != "aria-label"]
        assert [value for value in values if "//" in value] == []
        links = [a["href"] for a in page.all("a")]
        assert [link for link in links if not link.startswith(("#topic-", "feedback/"))] == []
        assert {"script", "img", "link", "iframe", "object", "form"}.isdisjoint(tag for tag, _ in page.tags)
        assert not re.search(r"url\(|@import", page.source)


def test_the_policy_of_a_page_allows_its_style_and_nothing_else(tmp_path: Path) -> None:
    for page in pages(tmp_path, submission("ann", check())).values():
        [style] = re.findall(r"<style>(.*)</style>", page.source, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        [policy] = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
        assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        assert [tag for tag, attributes in page.tags if "style" in attributes] == []


def test_links_of_the_report_lead_to_the_feedback(tmp_path: Path) -> None:
    report = pages(tmp_path, submission("ann"), submission("a/b #1?"), submission("大海 100%"))["report.html"]
    links = [a["href"] for a in report.all("a")]
    assert len(links) == 3
    assert [link for link in links if not re.fullmatch(r"[\w./%~-]+", link, re.ASCII)] == []
    assert [link for link in links if not (tmp_path / unquote(link)).is_file()] == []


def test_pages_can_be_heard(tmp_path: Path) -> None:
    for page in pages(tmp_path, *class_of(6), submission("x", *of_every_kind("`a`"))).values():
        assert page.all("html") == [{"lang": "en"}]
        assert [len(page.all(tag)) for tag in ("header", "main", "footer", "h1", "title")] == [1] * 5
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert all(th.get("scope") in ("row", "col") for th in page.all("th"))
        assert all(svg["role"] == "img" and svg["aria-label"] for svg in page.all("svg"))
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        named = [attributes["aria-labelledby"] for attributes in page.all("section")]
        assert set(named) <= set(ids)


def luminance(color: str) -> float:
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_text_stands_out_in_light_in_dark_and_on_paper() -> None:
    roots = re.findall(r":root \{(.*?)\}", (TEMPLATES / "style.css").read_text(), re.DOTALL)
    assert len(roots) == 3
    for root in roots:
        color = dict(re.findall(r"--(\w+): (#\w{6})", root))
        low = [
            (ink, paper)
            for ink in ("text", "quiet", "link", "good", "bad", "care")
            for paper in ("page", "panel", "mark")
            if contrast(color[ink], color[paper]) < 4.5
        ]
        assert low == []
        assert [k for k in range(6) if contrast(color["text"], color[f"heat{k}"]) < 4.5] == []
        assert contrast(color["bar"], color["track"]) >= 3


def raised(**changes: Any) -> str:
    values = {"type": "ValueError", "bases": [], "message": "bad; (`x`): y", "line": 12, "text": "y = f(x)"}
    return Raised(**{**values, "function": "f", "fingerprints": {}, **changes}).sentence()


@pytest.mark.parametrize("where", ["", " of cell 3", " of modules.py", " of cell 3 of no_grad.ipynb"])
@pytest.mark.parametrize("message", ["", "bad; (`x`): y"])
@pytest.mark.parametrize("after", ["", "; write `def`"])
def test_the_line_that_broke_is_shown_as_code(where: str, message: str, after: str) -> None:
    sentence = f"`f` raised {raised(where=where, message=message)}{after}"
    text, place, code = feedback_html.split(sentence)
    assert (place, code) == (f"line 12{where}", "y = f(x)")
    assert text == sentence.replace(" (`y = f(x)`)", "", 1)


@pytest.mark.parametrize("message", ["", "the result is wrong", raised(line=None), raised(text="")])
def test_a_message_without_a_line_stays_whole(message: str) -> None:
    assert feedback_html.split(message) == (message, "", "")


def test_a_page_holds_the_line_of_code(tmp_path: Path) -> None:
    broke = check(status="error", message=f"`f` raised {raised(text='<b>x</b> = `y` + 1')}")
    page = pages(tmp_path, submission("ann", broke))["feedback/ann.html"]
    assert '<p class="quiet">Your line 12:</p>\n<pre><code>&lt;b&gt;x&lt;/b&gt; = `y` + 1</code></pre>' in page.source


def test_a_file_that_was_not_handed_in_is_one_card(tmp_path: Path) -> None:
    absent = {"status": "not_started", "message": "rnn.py was not handed in", "hint": "unseen"}
    told = [check(**absent, name="a"), check(**absent, name="b", task="cell"), check(topic="mlp", points=2.0)]
    page = pages(tmp_path, submission("ann", *told))["feedback/ann.html"]
    assert page.source.count("<article") == page.text.count("rnn.py was not handed in") == 1
    assert "all 2 checks" in page.text
    assert "not started: 0 of 4 points" in page.text
    assert "unseen" not in page.source


def test_what_passed_is_folded_and_keeps_its_hint_to_itself(tmp_path: Path) -> None:
    told = [check(points=2.0, hint="unseen", message="unseen"), check(status="failed", hint="seen", message="wrong")]
    page = pages(tmp_path, submission("ann", *told))["feedback/ann.html"]
    folded = page.source.partition("<details>")[2].partition("</details>")[0]
    assert "1 passed" in folded
    assert "unseen" not in page.source
    assert "Hint: seen" in page.text
    assert "wrong" in page.text


@pytest.mark.parametrize(
    "measured",
    [
        {"ratio": "fast", "trace": [1]},
        {"ratio": None, "limit": {}, "at_least": [], "trace": {"launches": "1", "cpu_ops": {"a": 1}}},
        {"ratio": 0, "limit": 0, "trace": {"cpu_ops": []}},
        {"ratio": -1, "at_least": True},
    ],
)
def test_a_lying_measurement_is_left_out(tmp_path: Path, measured: dict[str, Any]) -> None:
    told = pages(tmp_path, submission("ann", check(measured=measured)))
    assert told["feedback/ann.html"].shape == pages(tmp_path, submission("ann", check()))["feedback/ann.html"].shape


@given(st.floats(1e-9, 1e12), st.none() | st.floats(1e-3, 1e6), st.booleans())
def test_a_bar_stays_inside_its_chart(ratio: float, limit: float | None, stopped: bool) -> None:
    bar = speed_bar(Speed(ratio, limit, stopped))
    assert 0 <= bar.length <= WIDTH
    assert 0 <= bar.reference.x <= WIDTH
    assert bar.is_open or bar.length < WIDTH
    if bar.limit:
        assert 0 <= bar.limit.x <= WIDTH
        assert (bar.length >= bar.limit.x) == (ratio >= limit) or bar.length == pytest.approx(bar.limit.x, abs=0.1)


def test_a_stopped_check_is_said_to_have_taken_longer(tmp_path: Path) -> None:
    stopped = check(kind="speed", status="failed", measured={"at_least": 36.1, "limit": 3})
    page = pages(tmp_path, submission("ann", stopped))["feedback/ann.html"]
    assert "More than 36.1 times the CPU time of the reference; the limit is 3." in page.text
    quick = check(kind="speed", status="failed", measured={"ratio": 1.0, "limit": 3})
    assert "1 times the CPU time" in pages(tmp_path, submission("bob", quick))["feedback/bob.html"].text
    assert "more than 36.1" in page.all("svg")[-1]["aria-label"]


def test_a_page_of_161_failures_stays_small(tmp_path: Path) -> None:
    message = f"`f` raised {raised(text='x' * 200, message='y' * 300)}"
    checks = [check(name=str(k), status="error", message=message, hint="h" * 150) for k in range(161)]
    page = pages(tmp_path, submission("ann", *checks))["feedback/ann.html"]
    assert len(page.source.encode()) < 300_000


def test_a_page_takes_a_few_times_what_markdown_takes() -> None:
    ann = submission("ann", *(one for _ in range(27) for one in of_every_kind("in line 1 (`a`): b")))

    def best(lines: Any) -> float:
        times = []
        for _ in range(5):
            begun = time.process_time()
            list(lines(ann, run()))
            times.append(time.process_time() - begun)
        return min(times)

    assert best(feedback_html._lines) < 12 * best(feedback_md.lines)


def test_unchanged_pages_are_not_rendered_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    page = feedback_html.page

    def counted(template: str, **values: Any) -> str:
        rendered.append(values["submission"].id)
        return page(template, **values)

    monkeypatch.setattr(feedback_html, "page", counted)
    for changed, expected in ((check(), ["ann", "bob"]), (check(), []), (check(status="failed"), ["bob"])):
        rendered.clear()
        write_all(Results(run(), [submission("ann", check()), submission("bob", changed)]), tmp_path)
        assert rendered == expected
    monkeypatch.setattr(each, "code_digest", lambda: "other templates")
    rendered.clear()
    write_all(Results(run(), [submission("ann", check())]), tmp_path)
    assert rendered == ["ann"]


def test_no_page_tells_the_seed(tmp_path: Path) -> None:
    told = pages(tmp_path, *class_of(3), seed="9f86d081884c7d65")
    assert [name for name, page in told.items() if "9f86d081884c7d65" in page.source] == []
    assert "whoever knows it can compute the inputs of the hidden checks" in told["report.html"].text


def test_the_report_names_what_needs_a_look(tmp_path: Path) -> None:
    ann = submission("ann", check(status="unproven", task="band", name="fast"), check(topic="x", points=2.0))
    bob = submission("bob", status="unreadable", message="the archive is encrypted", max_points=4.0)
    bare = {"layers": [], "missing": ["landlock"]}
    text = pages(tmp_path, ann, bob, confinement=bare, versions={"torch": "2.13.0"})["report.html"].text
    for part in (
        "2 submissions: 1 graded, 1 unreadable",
        "bob: the archive is encrypted",
        "ann: band: fast",
        "the median is 50 %",
        "UNSANDBOXED: submissions ran without protection; missing: landlock",
        "torch2.13.0",
        "0 % unroll",
    ):
        assert part in text
    assert "What checks tell apart" not in text


def test_the_report_of_nobody_is_a_page(tmp_path: Path) -> None:
    assert "0 submissions: 0 graded, 0 unreadable" in pages(tmp_path)["report.html"].text
    empty = submission("ann")
    assert "1 submission: 1 graded" in pages(tmp_path, empty)["report.html"].text


def tallied(submissions: list[Submission]) -> Tallies:
    tallies = Tallies()
    for one in submissions:
        tallies.add(one)
    return tallies


def test_discrimination_is_the_correlation_with_the_rest_of_the_points() -> None:
    submissions = class_of(40)
    for tally, value in tallied(submissions).discriminating():
        own = [next(c for c in s.checks if c.name == tally.name) for s in submissions]
        passed = [c.status == "passed" for c in own]
        rest = [s.points - c.points for s, c in zip(submissions, own, strict=True)]
        assert value == pytest.approx(numpy.corrcoef(passed, rest)[0, 1])


def test_discrimination_is_not_told_of_few_or_of_all_alike() -> None:
    assert tallied(class_of(4)).discriminating() == []
    assert len(tallied(class_of(40)).discriminating()) == 10
    alike = [submission(str(k), check(points=2.0), check(name="b", status="failed")) for k in range(9)]
    assert tallied(alike).discriminating() == []


def test_a_diagnosis_counts_once_a_submission() -> None:
    looped = [check(name=str(k), status="failed", diagnosis="a loop") for k in range(3)]
    assert tallied([submission("ann", *looped), submission("bob", *looped)]).diagnoses == {"a loop": 2}


def test_the_hardest_task_comes_first() -> None:
    checks = [check(task="easy", points=2.0), check(task="hard", status="failed"), check(task="half", points=1.0)]
    assert [part.task for part in tallied([submission("ann", *checks)]).hardest(2)] == ["hard", "half"]


def test_the_report_keeps_no_submission(tmp_path: Path) -> None:
    report = report_html.begin(Results(run(), []), tmp_path)
    report.pages["ann"] = ""
    one = submission("ann", *of_every_kind("x"))
    gone = [weakref.ref(check) for check in one.checks] + [weakref.ref(one)]
    report.add(one)
    del one
    assert [ref for ref in gone if ref() is not None] == []
    assert report.finish()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_a_histogram_counts_everybody_once(shares: list[float]) -> None:
    columns = histogram(shares)
    assert sum(column.count for column in columns) == len(shares)
    assert max(column.height for column in columns) == 100
    assert columns[-1].count == sum(share >= 0.9 for share in shares)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=50))
def test_quartiles_are_those_of_statistics(values: list[float]) -> None:
    assert quartiles(values) == pytest.approx(statistics.quantiles(values, n=4, method="inclusive"))
    assert quartiles(values[:1]) == (values[0],) * 3


def test_a_large_class_draws_no_more_dots() -> None:
    draw = random.Random(2)
    dots = scatter((draw.lognormvariate(0, 3), draw.random()) for _ in range(20_000))
    assert len(dots) <= 41 * 21
    assert sum(dot.count for dot in dots) == 20_000
    assert all(0 <= dot.x <= WIDTH and 0 <= dot.y <= 160 for dot in dots)


def test_speed_is_read_from_what_was_measured() -> None:
    assert speed_of({"ratio": 2.0, "limit": 3, "at_least": 9.0}) == Speed(2.0, 3.0, False)
    assert speed_of({"at_least": 9.0, "limit": 3}) == Speed(9.0, 3.0, True)
    assert speed_of({"limit": 3}) is None
