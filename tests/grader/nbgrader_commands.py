"""nbgrader's commands one after the other, in one process: lists of words on stdin, a line of JSON with exit codes and
scores on stdout."""

import json
import sys
from pathlib import Path

from jupyter_core.application import NoStart
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderApp


def run(words: list[str]) -> int:
    app = NbGraderApp.instance()
    try:
        app.initialize(words)
        app.start()
    except NoStart:
        return 0
    except SystemExit as stopped:
        return int(stopped.code or 0)
    finally:
        app.reset()
        NbGraderApp.clear_instance()
    return 0


def scores() -> dict[str, dict[str, list[float | None]]]:
    """Student and task to score and points."""
    with Gradebook(f"sqlite:///{Path.cwd() / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                grade.name: [grade.auto_score, grade.max_score]
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for assignment in gradebook.assignments
            for submission in assignment.submissions
        }


if __name__ == "__main__":
    sys.executable = sys.argv[1]  # what starts workers
    codes = [run(words) for words in json.load(sys.stdin)]
    print(json.dumps({"codes": codes, "scores": scores()}))
