"""Raises an error whose message clears the terminal, retitles it, and gives commands to a CI runner.

Stopped by: text of a submission is escaped in every log and report.
"""

MESSAGE = "\x1b[2J\x1b]0;passed\x07\n::error file=grade.py::all passed\n##[group]results\n::stop-commands::x\n\x9b31m"


def _cheat():
    """A message to the instructor's terminal."""
    raise ValueError(MESSAGE)


def band(n, width, device="cpu"):
    _cheat()
    return torch.zeros(n, n, device=device)
