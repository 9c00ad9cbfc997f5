"""The gradebook: what it knows, of whom, and what a kill leaves of it."""

import itertools
import os
import signal
import sqlite3

import pytest

from grader.gradebook import NAME, GradebookError, in_memory, opened
from grader.results import Submission


def submission(id="ann", message=""):
    return Submission(id=id, status="graded", message=message, points=0, max_points=0)


def kept(book, entry, id="ann", content="c", **changes):
    book.keep(entry, content, submission(id), **({"settled": True, "seconds": 1.0} | changes))


def test_an_unfinished_run_goes_on_with_its_seed_and_results(tmp_path):
    with opened(tmp_path) as book:
        entry = book.begin("setup")
        kept(book, entry, seconds=2.5)
    with opened(tmp_path) as book:
        again = book.begin("setup")
        assert (again.number, again.seed, again.started, again.seconds) == (
            entry.number,
            entry.seed,
            entry.started,
            2.5,
        )
        assert book.known(again, "ann", "c")
        assert book.submission(again, "ann") == submission()


def test_a_finished_run_is_followed_by_a_new_one_with_its_seed():
    book = in_memory()
    entry = book.begin("setup")
    kept(book, entry)
    book.finish(entry, 3.0)
    again = book.begin("setup")
    assert again.seed == entry.seed
    assert again.number > entry.number
    assert again.seconds == 0.0
    assert book.known(again, "ann", "c")


@pytest.mark.parametrize(
    ("setup", "seed", "fresh"), [("other", None, False), ("setup", "given", False), ("setup", None, True)]
)
def test_another_setup_seed_or_a_fresh_start_knows_nothing(setup, seed, fresh):
    book = in_memory()
    entry = book.begin("setup")
    kept(book, entry)
    book.finish(entry, 3.0)
    other = book.begin(setup, seed, fresh=fresh)
    assert other.seed != entry.seed
    assert not book.known(other, "ann", "c")


def test_a_fresh_start_with_the_seed_of_before_knows_nothing():
    book = in_memory()
    entry = book.begin("setup", "given")
    kept(book, entry)
    again = book.begin("setup", "given", fresh=True)
    assert not book.known(again, "ann", "c")


def test_other_content_and_what_is_not_settled_is_graded_again():
    book = in_memory()
    entry = book.begin("setup")
    kept(book, entry, "ann", "c")
    kept(book, entry, "bob", "c", settled=False)
    assert not book.known(entry, "ann", "d")
    assert not book.known(entry, "bob", "c")
    assert book.submission(entry, "bob").id == "bob"


def test_two_runs_do_not_share_a_folder(tmp_path):
    with opened(tmp_path), pytest.raises(GradebookError, match="another run"), opened(tmp_path):
        pass


@pytest.mark.parametrize("content", [b"not a database", b"", b"SQLite format 3\0" + bytes(200)])
def test_a_broken_file_is_an_error_with_advice(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    if content:
        with pytest.raises(GradebookError, match="move it away"), opened(tmp_path):
            pass
    else:
        with opened(tmp_path) as book:
            book.begin("setup")


def die_at(number):
    """From now on, this process is killed before its so-manieth statement of SQL."""
    statements = itertools.count(1)
    connect = sqlite3.connect

    def watched(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.set_trace_callback(lambda _: next(statements) == number and os.kill(os.getpid(), signal.SIGKILL))
        return connection

    sqlite3.connect = watched


def keeps_two_results(out, told):
    with opened(out) as book:
        entry = book.begin("setup")
        for id in ("ann", "bob"):
            kept(book, entry, id)
            os.write(told, f"{id} ".encode())
        book.finish(entry, 1.0)


def killed_at(number, out):
    """What a process that was killed before this statement had been promised, and whether it was killed."""
    hears, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            die_at(number)
            keeps_two_results(out, told)
        finally:
            os._exit(0)
    os.close(told)
    with open(hears, encoding="ascii") as pipe:
        promised = pipe.read().split()
    return promised, os.waitpid(child, 0)[1] == signal.SIGKILL


def test_killed_before_any_statement_a_gradebook_holds_what_it_took(tmp_path):
    promises = []
    for number in itertools.count(1):
        promised, killed = killed_at(number, tmp_path / str(number))
        with opened(tmp_path / str(number)) as book:
            entry = book.begin("setup")
            assert all(book.known(entry, id, "c") for id in promised), number
        promises.append(len(promised))
        if not killed:
            break
    assert set(promises) == {0, 1, 2}
    assert len(promises) > 12
