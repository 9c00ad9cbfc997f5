"""Raises an error whose class is named in Markdown and whose message holds HTML, a link and a formula.

Stopped by: text of a submission is escaped in every log and report.
"""

NAME = "=HYPERLINK(1) **all passed** ![x](https://evil.example/x)"
MESSAGE = "<script>alert(1)</script> [10 of 10](https://evil.example) | @instructor\n# Feedback\n=cmd|' /C calc'!A0"


def _cheat():
    """A message to the instructor's browser and spreadsheet."""
    raise type(NAME, (ValueError,), {})(MESSAGE)


def band(n, width, device="cpu"):
    _cheat()
    return torch.zeros(n, n, device=device)
