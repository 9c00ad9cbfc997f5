"""The instructor's command: collect → run → score → report.

python grader/grade.py SUBMISSIONS --out results
"""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

if __name__ == "__main__":  # run as a script: the package, not its folder, belongs on the path
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # there is nothing to tell yet

from rich.console import Console

from grader import similarity
from grader.collect import CollectError, Found, discover
from grader.course import NAME as COURSE_FILE
from grader.course import CourseError, read_course
from grader.files import remove_unfinished
from grader.gradebook import ADVICE, Gradebook, GradebookError, opened
from grader.nbgrading.scores import AGAIN, Scores, ScoresError, write_scores
from grader.paths import COURSE, EXAMPLES, ROOT, topics
from grader.policy import Judged, Policy, read_submitted
from grader.progress import Overview, Progress, summary
from grader.reports import Report, write_all
from grader.reports.escape import workflow
from grader.reports.words import Row
from grader.results import Results, results_file
from grader.run import GradingError, Options, run
from grader.stopping import Stopped, stoppable

KINDS = ("correctness", "gpu", "speed")
DEVICES = ("auto", "cpu", "sim", "cuda")
GRADED, TROUBLE, USAGE, BELOW, STOPPED = 0, 1, 2, 3, 128


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade; returns 0 when everything was graded, 1 when not, 3 below --fail-under (usage errors exit with 2)."""
    with stoppable():
        errors = Console(stderr=True)
        try:
            return _main(arguments, errors)
        except (GradingError, GradebookError) as error:
            errors.print(f"error: {error}", style="bold red", markup=False, highlight=False, soft_wrap=True)
            return TROUBLE
        except Stopped as stopped:
            errors.print(
                f"{stopped}; what is graded is kept: the same command goes on from here", markup=False, soft_wrap=True
            )
            return STOPPED + stopped.number


def _main(arguments: Sequence[str] | None, errors: Console) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    found = _collected(parser, options)
    policy = _policy(parser, options, [submission.id for submission in found], errors)
    with opened(options.out) as book:
        return _grade(found, policy, options, book, Console(), errors)


def _grade(
    found: list[Found],
    policy: Policy | None,
    options: argparse.Namespace,
    book: Gradebook,
    console: Console,
    errors: Console,
) -> int:
    with Progress(len(found), console) as progress:
        outcome = run(found, _options(options), progress, book)
    graded = _compared(outcome.results, found, options)
    results = Judged(graded.run, graded.submissions, graded.similar, policy=policy) if policy else graded
    scores = Scores(policy.submitted if policy else {})
    rows = _report(results, options.out, console, *([scores] if options.gradebook else []))
    for trouble in outcome.troubles:
        text = workflow(f"the grader could not do its work: {trouble}", 4000)
        errors.print(text, style="red", markup=False, highlight=False)
    if options.gradebook:
        _into_gradebook(scores, options, console)
    if outcome.troubles:
        return TROUBLE
    return BELOW if _below(rows, options.fail_under) else GRADED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gradkit-grade", description="Grade a class of submissions.")
    add = parser.add_argument
    add("submissions", nargs="?", type=Path, default=EXAMPLES, metavar="SUBMISSIONS",
        help="a folder with a folder, archive or file a student, or one submission (default: examples/)")  # fmt: skip
    add("--out", type=Path, default=Path("results"), metavar="DIR", help="where the results go (default: results/)")
    add("--topic", action="append", metavar="T", help="only this topic; may be repeated")
    add("--kind", action="append", choices=KINDS, help="only checks of this kind; may be repeated")
    add("--student", action="append", metavar="S", help="only this submission, by id; may be repeated")
    add("--jobs", type=_positive, default=min(4, os.cpu_count() or 1), metavar="N", help="workers side by side")
    add(
        "--device", choices=DEVICES, default="auto", help="where gpu checks run (default: CUDA if there is one, or sim)"
    )
    add(
        "--seed",
        metavar="TEXT",
        help="seed of the fresh inputs, to repeat a run exactly (default: the last, or a secret)",
    )
    add("--similarity", action="store_true", help="look for hand-ins that resemble each other; runs none of them")
    add("--fresh", action="store_true", help="grade everything anew, with a new seed, whatever is known already")
    add("--fail-under", type=_percent, metavar="PERCENT", help="exit with 3 if a submission earns less")
    add("--course", type=Path, metavar="FILE", help=f"weights, due dates, … (default: {COURSE_FILE} of the course)")
    add("--submitted", type=Path, metavar="FILE", help="CSV with id,time: when each was handed in (default: in time)")
    add("--gradebook", metavar="URL", help="nbgrader's gradebook that gets the scores, too: a database's URL or a path")
    add(
        "--allow-unconfined",
        action="store_true",
        help="grade although student code could break out: for files you trust",
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _percent(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError("must be between 0 and 100")
    return number


def _collected(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[Found]:
    """The submissions to grade; anything unknown on the command line ends the program with exit code 2."""
    if options.device == "cpu" and "gpu" in (options.kind or []):
        parser.error("gpu checks need an accelerator: --device sim has one everywhere")
    if options.gradebook and set(_options(options).kinds) != set(KINDS):
        parser.error("a grade cell holds the points of a whole task: --gradebook goes without --kind and --device cpu")
    if options.similarity and not similarity.available():
        parser.error(similarity.HOW_TO)
    if not topics():
        parser.error(f"no course here: {ROOT} has no solutions/; run in the course's folder or set {COURSE}")
    if unknown := sorted(set(options.topic or []) - set(topics())):
        parser.error(f"unknown topic: {', '.join(unknown)}; there is: {', '.join(topics())}")
    try:
        found = discover(options.submissions, topics())
    except CollectError as error:
        parser.error(str(error))
    ids = [submission.id for submission in found]
    if unknown := sorted(set(options.student or []) - set(ids)):
        parser.error(f"unknown student: {', '.join(unknown)}; there is: {workflow(', '.join(ids))}")
    return [submission for submission in found if not options.student or submission.id in options.student]


def _policy(
    parser: argparse.ArgumentParser, options: argparse.Namespace, ids: Sequence[str], errors: Console
) -> Policy | None:
    """The course's policy, if it has one; read before anything is graded."""
    path = options.course or ROOT / COURSE_FILE
    if options.course is None and not path.exists():
        if options.submitted:
            parser.error(f"--submitted needs a policy: {path} or --course FILE")
        return None
    try:
        course = read_course(path, topics())
        submitted = read_submitted(options.submitted) if options.submitted else {}
    except CourseError as error:
        parser.error(workflow(str(error)))
    _compare(parser, options, ids, submitted.keys(), errors)
    return Policy(course, submitted, datetime.now(UTC))


def _compare(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    ids: Sequence[str],
    timed: Collection[str],
    errors: Console,
) -> None:
    """Somebody whose name is misspelt would never be late."""
    unknown = sorted(set(timed) - set(ids))
    if unknown and not options.student:
        parser.error(workflow(f"{options.submitted}: nobody here is called {', '.join(unknown)}"))
    if options.submitted and (untimed := sorted(set(ids) - set(timed))):
        text = workflow(f"no time in {options.submitted}, so in time: {', '.join(untimed)}")
        errors.print(text, markup=False, highlight=False, soft_wrap=True)


def _options(options: argparse.Namespace) -> Options:
    chosen = [topic for topic in topics() if not options.topic or topic in options.topic]
    kinds = [kind for kind in KINDS if not options.kind or kind in options.kind]
    if options.device == "cpu" and not options.kind:
        kinds.remove("gpu")  # there is no accelerator to check them on
    return Options(
        topics=chosen,
        kinds=kinds,
        device=options.device,
        jobs=options.jobs,
        allow_unconfined=options.allow_unconfined,
        hidden_from=(str(options.submissions), str(options.out)),
        seed=options.seed,
        fresh=options.fresh,
    )


def _compared(results: Results, found: list[Found], options: argparse.Namespace) -> Results:
    """The results with pairs of similar hand-ins, where they were asked for."""
    if not options.similarity:
        return results
    return replace(results, similar=similarity.similar(found, _options(options).topics))


def _report(results: Results, out: Path, console: Console, *more: Report) -> list[Row]:
    overview = Overview()
    try:
        remove_unfinished(out)
        with results_file(out / "results.json", results.run) as file:
            written = write_all(results, out, file, overview, *more)
    except OSError as error:
        raise GradebookError(f"{out} can't be written to ({error.strerror}): {ADVICE}") from error
    summary(overview.rows, results.run, console)
    console.print(f"written to {out}/", markup=False, highlight=False, soft_wrap=True)
    if written.errors:
        raise GradingError("; ".join(written.errors))
    return overview.rows


def _into_gradebook(scores: Scores, options: argparse.Namespace, console: Console) -> None:
    """Once all else is written: a database may be away, and a class takes long to grade."""
    try:
        written = write_scores(scores, options.gradebook)
    except ScoresError as error:
        again = f"then, without grading again: {AGAIN} {options.out / 'results.json'} URL"
        raise GradingError(f"{workflow(str(error))}; all else is written; {again}") from error
    for line in written.lines():
        console.print(workflow(line), markup=False, highlight=False, soft_wrap=True)


def _below(rows: Sequence[Row], percent: float | None) -> bool:
    if percent is None:
        return False
    return any(100 * row.points < percent * row.max_points or row.status == "unreadable" for row in rows)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
