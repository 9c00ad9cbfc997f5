"""What several tests of the grader use: runs of submissions in memory, databases."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import postgres
import pytest
from handed_in import in_memory

from grader.paths import SOLUTIONS
from grader.results import CheckResult, Submission
from grader.run import Options, Outcome, run


@pytest.fixture
def graded() -> Callable[..., Outcome]:
    """`graded({"ann": {"strides": source}}, …)`: the outcome of a run over these sources."""

    def grade(sources: Mapping[str, Mapping[str, str | bytes]], **options: object) -> Outcome:
        chosen = {"topics": ["strides"], "kinds": ["correctness"], "device": "sim", "seed": "tests"} | options
        return run([in_memory(id, texts) for id, texts in sources.items()], Options(**chosen))

    return grade


@pytest.fixture
def solution() -> Callable[[str], str]:
    """The reference module of a topic, as text."""
    return lambda topic: (SOLUTIONS / f"{topic}.py").read_text(encoding="utf-8")


@pytest.fixture
def checks_of() -> Callable[[Submission, str], list[CheckResult]]:
    """The checks of one task in a graded submission."""
    return lambda submission, task: [check for check in submission.checks if check.task == task]


DATABASES = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[str], str]]:
    """The address of a database on a PostgreSQL server that runs as long as a module's tests."""
    with postgres.server() as socket:
        yield lambda name: f"postgresql://gradkit:{quote(postgres.PASSWORD, safe='')}@/{name}?host={socket}"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database, on either system, that is empty or not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gradebook.db"
    server = request.getfixturevalue("server")
    name = f"gradebook{next(DATABASES)}"
    with postgres.connected(server("postgres"), isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return server(name)
