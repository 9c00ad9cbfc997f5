"""A PostgreSQL server of our own, in a temporary folder, for as long as the tests need it."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

REQUIRED = "GRADKIT_NOTHING_MISSING"  # set in CI, where a skipped test would be a test that nobody runs
PASSWORD = "pass/word:s3cret"
FOLDERS = "/usr/lib/postgresql/*/bin"  # where Debian puts each version's programs
READY = "ready to accept connections"
# When the tests are killed their end of the pipe closes, and the server goes, too.
SERVE = 'postgres "$@" <&- & server=$!; read -r _; kill -INT $server; wait $server'


def installed() -> Path:
    """The folder of PostgreSQL's programs; where there is none the test is skipped, or fails in CI."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else [Path(folder) for folder in sorted(glob.glob(FOLDERS))]
    if not folders and os.environ.get(REQUIRED):
        pytest.fail("PostgreSQL is not installed, and in CI nothing may be missing: see .ci/debian-packages.txt")
    if not folders:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    return folders[-1]


@contextmanager
def server() -> Iterator[Path]:
    """Runs a server on a Unix socket; gives the socket's folder. Its user is gradkit, with PASSWORD."""
    programs = installed()
    with tempfile.TemporaryDirectory(prefix="gradkit-postgres-") as name:
        folder, user = Path(name), _unprivileged()
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        if user:
            for path in (folder, folder / "password"):
                os.chown(path, user["user"], user["group"])
        _initialize(programs, folder, user)
        with _serving(programs, folder, user):
            yield folder


@contextmanager
def connected(address: str, **options: Any) -> Iterator[Any]:
    """A connection to a database."""
    from sqlalchemy import create_engine  # takes its time, and most tests need none

    engine = create_engine(plain(address), **options)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def plain(address: str) -> str:
    """The address with the driver that is installed, which SQLAlchemy would not choose."""
    return address.replace("postgresql:", "postgresql+psycopg2:")


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}


def _environment(programs: Path) -> dict[str, str]:
    return {"PATH": f"{programs}:{os.environ['PATH']}", "LC_ALL": "C", "TZ": "UTC"}


def _initialize(programs: Path, folder: Path, user: dict[str, Any]) -> None:
    options = ["--auth=scram-sha-256", "--username=gradkit", "--encoding=UTF8", "--no-sync", "--no-instructions"]
    command = ["initdb", *options, f"--pwfile={folder / 'password'}", str(folder / "data")]
    environment = _environment(programs)
    subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True, **user)


@contextmanager
def _serving(programs: Path, folder: Path, user: dict[str, Any]) -> Iterator[None]:
    settings = ["-D", str(folder / "data"), "-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off"]
    with subprocess.Popen(
        ["sh", "-c", SERVE, "sh", *settings],
        env=_environment(programs),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **user,
    ) as process:
        assert process.stdin
        assert process.stderr
        said = []
        while not (said and READY in said[-1]):
            line = process.stderr.readline()
            assert line, f"PostgreSQL did not start: {''.join(said)}"
            said.append(line)
        reader = threading.Thread(target=process.stderr.read)
        reader.start()
        try:
            yield
        finally:
            process.stdin.close()
            reader.join()
            process.wait()
            process.stderr.close()
