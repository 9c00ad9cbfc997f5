"""nbgrader's database, opened for one transaction: all that is written in it is kept, or nothing.

nbgrader's own Gradebook commits after each call. This one works on a connection whose transaction is ours, so that its
commits only hand on what they have, and that even new tables vanish when something goes wrong.
"""

import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.script
import nbgrader
from nbgrader.api import Base, Course, Gradebook
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import NullPool

from grader.nbgrading.scores import ScoresError
from grader.reports.escape import plain

PATIENCE = 10  # seconds to wait for a server to answer, and for others to finish writing
VERSION = "alembic_version"
BUSY = re.compile("locked|lock timeout|deadlock")
EXAMPLE = "gradebook.db, sqlite:////srv/course/gradebook.db or postgresql://name:password@host/database"


class _Joined(Gradebook):
    """A Gradebook on a connection that somebody else commits."""

    def __init__(self, connection: Connection, course: str) -> None:
        # nbgrader's __init__ would open its own connection and create tables on it, whatever comes of the rest.
        self.engine, self.authenticator, self.course_id = connection.engine, None, course
        maker = sessionmaker(bind=connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        self.db = scoped_session(maker)
        self.check_course(course)


@contextmanager
def transaction(address: str) -> Iterator[Any]:
    """The Gradebook at this address; it is committed when the block ends, and as it was when it raises."""
    url = _url(address)
    with _explained(url), _engine(url).begin() as connection:
        _reserve(connection)
        _prepare(connection)
        courses = connection.scalars(select(Course.id)).all()
        gradebook = _Joined(connection, courses[0] if len(courses) == 1 else "default_course")
        try:
            yield gradebook
            gradebook.db.flush()
        finally:
            gradebook.db.remove()


def shown(address: str) -> str:
    """The address for people: no password, and no options, which may hold one."""
    return _url(address).set(query={}).render_as_string(hide_password=True)


def _url(address: str) -> URL:
    """A path without a scheme is an SQLite file; parts of an address that can't be read may be of a password."""
    if "://" not in address:
        url = URL.create("sqlite", database=str(Path(address).expanduser()))
    else:
        try:
            url = make_url(re.sub(r"^postgres://", "postgresql://", address))
        except (SQLAlchemyError, ValueError):
            raise ScoresError(f"the gradebook's URL is none; write it like {EXAMPLE}") from None
    if "@" in (url.host or ""):
        raise ScoresError("the gradebook's URL has an @ too many: in a name or password write %40 for it")
    return _with_driver(url)


def _with_driver(url: URL) -> URL:
    """SQLAlchemy 2.1 takes psycopg where none is named; psycopg2 is as good, and comes with gradkit."""
    if url.drivername == "postgresql" and importlib.util.find_spec("psycopg2"):
        return url.set(drivername="postgresql+psycopg2")
    return url


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    if url.drivername == "postgresql+psycopg2":
        limited = url.set(query={"connect_timeout": str(PATIENCE), **url.query})
        # A round trip for a page of rows, not for each.
        return create_engine(limited, poolclass=NullPool, executemany_mode="values_plus_batch")
    return create_engine(url, poolclass=NullPool)


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or "")
    if url.database in (None, "", ":memory:"):
        raise ScoresError("an SQLite gradebook needs a file, as sqlite:///gradebook.db")
    if path.is_dir() or not path.parent.is_dir():
        reason = "is a folder" if path.is_dir() else "is in a folder that is not there"
        raise ScoresError(f"{path} {reason}; name a file, new or nbgrader's")
    engine = create_engine(url.set(query={"timeout": str(PATIENCE), **url.query}), poolclass=NullPool)
    # Python's driver begins transactions late and not for new tables; so it begins none, and we do.
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _reserve(connection: Connection) -> None:
    """From here to the end others read, and wait if they want to write, as SQLite has it from its BEGIN."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        tables = [table for table in inspect(connection).get_table_names() if table in Base.metadata.tables]
        if tables:
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(sorted(tables))} IN SHARE ROW EXCLUSIVE MODE")


def _prepare(connection: Connection) -> None:
    """nbgrader's tables: made where there are none, and else of its present version."""
    scripts = alembic.script.ScriptDirectory(ALEMBIC_DIR)
    tables = inspect(connection).get_table_names()
    if not tables:
        Base.metadata.create_all(connection)
        connection.exec_driver_sql(f"CREATE TABLE {VERSION} (version_num VARCHAR(32) NOT NULL)")
        connection.execute(text(f"INSERT INTO {VERSION} VALUES (:head)"), {"head": scripts.get_current_head()})
        return
    if VERSION not in tables or "submitted_assignment" not in tables:
        raise ScoresError("this database holds other tables than nbgrader's: name its gradebook, or a new database")
    found = connection.scalars(text(f"SELECT version_num FROM {VERSION}")).first()
    if found != scripts.get_current_head():
        known = found in {script.revision for script in scripts.walk_revisions()}
        advice = "save a copy and run `nbgrader db upgrade`" if known else "install the nbgrader that made it"
        raise ScoresError(f"its tables ({found}) are not those of nbgrader {nbgrader.__version__}: {advice}")


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    """Whatever the database says in one sentence with advice, and without the password."""
    where = url.set(query={}).render_as_string(hide_password=True)
    try:
        yield
    except ScoresError as error:
        raise ScoresError(f"{where}: {error}") from error
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise ScoresError(f"{where}: no driver for it is here ({error}): pip install psycopg2-binary") from error
    except (SQLAlchemyError, ValueError, TypeError) as error:  # nbgrader's own are ValueErrors
        said = str(error.orig if isinstance(error, DBAPIError) else error)
        for secret in (url.password, url.query.get("password")):
            said = said.replace(str(secret), "***") if secret else said
        advice = "somebody else is writing to it: try again" if BUSY.search(said) else "put that right and try again"
        raise ScoresError(f"{where}: {plain(said, 400)}; nothing was written: {advice}") from error
