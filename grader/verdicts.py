"""How a check can end other than passed. Each is raised where the judgement is made and names its status."""

from typing import ClassVar

LONGEST = 2000  # characters of a message, which may quote what a submission answered


class Verdict(Exception):
    """The outcome of a check that earned nothing: a message for the student and, where known, the mistake's name.

    One that is not `final` may be the machine's fault, and is tried again.
    """

    status: ClassVar[str] = "failed"
    final: ClassVar[bool] = True

    def __init__(self, message: str, diagnosis: str | None = None) -> None:
        message = message[:LONGEST]
        super().__init__(message)
        self.message = message
        self.diagnosis = diagnosis and diagnosis[:LONGEST]


class Failed(Verdict):
    """The grader got every reply and found one wrong."""


class Broke(Verdict):
    """The submission raised, ended its process or can't be loaded."""

    status = "error"


class TimedOut(Verdict):
    """A limit on time was reached; `cpu` says that it was the one on CPU time, so that work was being done."""

    status = "timeout"

    def __init__(self, message: str, *, cpu: bool = False) -> None:
        super().__init__(message)
        self.cpu = cpu


class Killed(TimedOut):
    """Something killed the process: the kernel, for its limits, or somebody outside."""

    final = False


class NotStarted(Verdict):
    """The task is still the stub that was handed out, or its module was not handed in."""

    status = "not_started"


class Unproven(Verdict):
    """The machine could not tell; nothing is earned yet."""

    status = "unproven"
    final = False
