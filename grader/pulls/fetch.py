"""`python -m grader.pulls.fetch FOLDER`: the topic modules of a pull request, as one archive for grade.py.

They are read through the host's API: there is no checkout, so no hook, filter, link, submodule or large file comes
along. A module is a blob of git, taken as it is; nothing of it is run, here or by git.
"""

import argparse
import io
import json
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from grader.collecting import notebooks
from grader.collecting.choosing import names_of
from grader.collecting.limits import LIMITS, too_large
from grader.paths import topics
from grader.pulls.connecting import environment, head_of, host_of
from grader.pulls.event import Pull, PullError, output, pull_of
from grader.pulls.hosts import FOLDER, Entry, Host
from grader.pulls.http import HttpError, TooLargeError
from grader.reports.escape import workflow

REGULAR = ("100644", "100755")
KINDS = {"120000": "a symbolic link, which is not followed", "160000": "a submodule", "040000": "a folder"}


@dataclass(frozen=True)
class Fetched:
    """Files by name, and why others of that name were left out."""

    files: Mapping[str, bytes]
    left_out: Mapping[str, str]


def fetched(host: Host, pull: Pull, topics: Sequence[str]) -> Fetched:
    """What is named like a topic's module in exercises/, and nothing else."""
    wanted = {name for topic in topics for name in names_of(topic)}
    found = {entry.name: entry for entry in host.entries(pull) if entry.name in wanted}
    files: dict[str, bytes] = {}
    left_out: dict[str, str] = {}
    for name, entry in sorted(found.items()):
        try:
            files[name] = _file(host, pull, entry)
        except PullError as error:
            left_out[f"{FOLDER}/{name}"] = str(error)
    return Fetched(files, left_out)


def packed(files: Mapping[str, bytes]) -> bytes:
    """An archive that grade.py takes for a submission, empty where there is nothing."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(f"{FOLDER}/{name}"), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _file(host: Host, pull: Pull, entry: Entry) -> bytes:
    if entry.mode not in REGULAR:
        raise PullError(f"it is {KINDS.get(entry.mode, 'no regular file')}; commit the file itself")
    most = LIMITS.notebook if entry.name.endswith(notebooks.SUFFIX) else LIMITS.module
    if entry.size is not None and entry.size > most:
        raise PullError(too_large("it", most, entry.size))
    try:
        return host.read(pull, entry, most)
    except TooLargeError:
        raise PullError(too_large("it", most)) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch; the outputs of the step say what is to be graded, if anything."""
    folder = _parser().parse_args(arguments).folder
    values = environment()
    try:
        asked = pull_of(values)
        host = host_of(values)
        if (head := head_of(host, asked)) is None:
            print(f"{asked.id} of {asked.repository} is closed: nothing is graded")
            output(values, GRADE="false")
            return 0
        _fetch(host, replace(asked, commit=head), asked, folder, values)
    except (PullError, HttpError) as error:
        print(f"error: {workflow(str(error))}", file=sys.stderr)
        return 1
    return 0


def _fetch(host: Host, pull: Pull, asked: Pull, folder: Path, values: Mapping[str, str]) -> None:
    """Grade the head, whatever commit the event names: events overtake each other, and the last word is the host's."""
    if pull.commit != asked.commit:
        print(f"{asked.id} has moved on from {asked.commit} to {pull.commit}")
    got = fetched(host, pull, topics())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{pull.id}.zip").write_bytes(packed(got.files))
    output(values, GRADE="true", GRADED_COMMIT=pull.commit, LEFT_OUT=quote(json.dumps(got.left_out)))
    print(f"{pull.id} of {pull.repository} at {pull.commit}: took {_named(got.files)}; left out {_named(got.left_out)}")


def _named(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="grader.pulls.fetch", description="Fetch a pull request's modules as data.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the archive goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
