"""What a result depends on, as digests: the whole setup of a run, and the content of a submission."""

import hashlib
import json
import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grader.collect import Collected
from grader.paths import EXERCISES, HIDDEN, PROBES, SOLUTIONS

PACKAGE = Path(__file__).resolve().parent
GPU = Path("/dev/nvidia0")


def setup_digest(**chosen: Any) -> str:
    """Of tests, probes, references, the grader itself, the versions below them, the machine, and what was chosen."""
    facts = {
        "chosen": chosen,
        "code": {str(folder.name): folder_digest(folder) for folder in (HIDDEN, PROBES, SOLUTIONS, PACKAGE)},
        "stubs": [path.name for path in sorted(EXERCISES.glob("*.py"))],
        "versions": {name: version(name) for name in ("torch", "numpy", "pytest")},
        "machine": [platform.python_version(), platform.release(), platform.machine(), GPU.exists(), os.geteuid() == 0],
    }
    return _digest([json.dumps(facts, sort_keys=True).encode()])


def folder_digest(folder: Path) -> str:
    """Of the names and contents of all Python files in a trusted folder."""
    paths = sorted(folder.rglob("*.py"))
    return _digest(part for path in paths for part in (str(path.relative_to(folder)).encode(), path.read_bytes()))


def content_digest(submission: Collected) -> str:
    """Of all that was handed in and of what was wrong with it."""
    texts = [repr((sorted(submission.problems.items()), submission.message, submission.notes)).encode()]
    sources = (part for topic, source in sorted(submission.sources.items()) for part in (topic.encode(), source))
    return _digest([*texts, *sources])


def _digest(parts: Iterable[bytes]) -> str:
    """Of a sequence of byte strings; where one ends counts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
