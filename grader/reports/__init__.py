"""Reports: one module a format, found by name. A module with `write(results, out)` is a format; adding one adds it."""

import importlib
import pkgutil
from pathlib import Path

from grader.results import Results


def write_all(results: Results, out: Path) -> list[Path]:
    """Every format, written into out; the paths of what was written."""
    written: list[Path] = []
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        write = getattr(importlib.import_module(f"{__name__}.{name}"), "write", None)
        if write is not None:
            written += write(results, out)
    return written
