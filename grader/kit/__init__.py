"""What is handed out: the kit for students (stubs, public tests, what these need), and Gradescope's autograder."""

from pathlib import Path

from grader.kit.autograder import write_autograder
from grader.kit.folder import Changes, KitError, update
from grader.kit.leaking import leaks
from grader.kit.packing import contents

__all__ = ["Changes", "KitError", "write_autograder", "write_kit"]


def write_kit(folder: Path) -> Changes:
    """Write or update the kit in a folder; nothing at all is written where a file would give an answer away."""
    files = contents()
    if found := leaks(files):
        raise KitError(f"this would give answers away: {'; '.join(map(str, found[:5]))}")
    return update(folder, files)
