"""What a hidden test talks to: the student's module, behind frames.

Every call crosses a boundary: arguments go out as bytes, plain values come back (tensors as `Seen`). In the grader the
other side is a confined process; for authors it is this one.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from grader import advice
from grader.collecting import notebooks
from grader.confined import values, wire
from grader.judge import expect, sequence
from grader.paths import topics
from grader.stubs import Form
from grader.verdicts import Broke, Failed, NotStarted, TimedOut, Verdict

MEMORY = "needs more memory than the 2 GiB that a check may use"
FILES = "writes more than the 16 MiB or 1024 files that a check may keep, in its own folder"
DENIED = "asks for what a submission may not have: other processes, the network, files outside its own folder"
KNOWN = {  # words of torch's and Python's own messages, and what they mean
    "MemoryError": MEMORY,
    "can't allocate memory": MEMORY,
    "can't start new thread": "starts more threads than a check may have",
    "Too many open files": "has more files open than a check may have",
    "No space left on device": FILES,
    "File too large": FILES,
    "Operation not permitted": DENIED,
    "Permission denied": DENIED,
    "to be on the same device": "mixes tensors of two devices",
    "device type for generator": "draws on another device than the generator's",
}


@dataclass(frozen=True)
class Limits:
    """What one request may use: seconds of wall time and CPU, bytes of reply."""

    wall: float = 20.0
    cpu: float = 10.0
    reply: int = 64 << 20


class Channel(Protocol):
    """A way to one session: the confined child of a check, or a session in this process."""

    def ask(self, frame: bytes, limits: Limits) -> tuple[dict[str, Any], bytearray]:
        """The reply's header and body; raises a Verdict when none comes."""

    def cpu_seconds(self) -> float:
        """CPU time that the other side has used so far, once it is at rest."""

    def close(self) -> None:
        """End it, whatever it does."""


@dataclass(frozen=True)
class Raised:
    """An exception of the student's code, in plain values."""

    type: str
    bases: list[str]
    message: str
    line: int | None
    text: str
    function: str
    fingerprints: Mapping[str, str]
    where: str = ""  # the file, where it is another than the topic's

    def sentence(self) -> str:
        """What happened and where, for the student."""
        place = f" in line {self.line}{self.where}" if self.line else ""
        place += f" (`{self.text}`)" if self.line and self.text else ""
        return f"{self.type}{place}: {self.message}" if self.message else f"{self.type}{place}"

    def known(self) -> str | None:
        """What it means, where that is known."""
        text = f"{self.type}: {self.message}"
        return next((meaning for words, meaning in KNOWN.items() if words in text), None)


@dataclass(frozen=True)
class Module:
    """The module under test: its topic, the sources handed in, and the fingerprints of the stub's tasks."""

    topic: str
    sources: Mapping[str, bytes]
    stubs: Mapping[str, str]
    forms: Mapping[str, Form] = field(default_factory=dict)  # task to how the exercise declares it
    problems: Mapping[str, str] = field(default_factory=dict)  # topic to why its file could not be taken
    known: dict[str, Verdict] = field(default_factory=dict)  # topic to how loading it ended before
    code: dict[str, bytes] = field(default_factory=dict)  # topic to its compiled module, for the child's eyes only

    @property
    def file(self) -> str:
        """What the student calls it."""
        return notebooks.file_of(self.topic, self.sources.get(self.topic, b""))


@dataclass
class Student:
    """One check's view of one module. Its session is opened when it is first asked something."""

    opener: Callable[[], Channel]
    module: Module
    task: str
    seed: int
    device: str
    measured: dict[str, Any] = field(default_factory=dict)
    limits: Limits = Limits()
    opened: Channel | None = None
    loaded: bool = False
    kind: str = ""  # what the task's name stands for, once the module is loaded

    @property
    def channel(self) -> Channel:
        """The session, opened at first use."""
        self.opened = self.opened or self.opener()
        return self.opened

    def close(self) -> None:
        """End the session, if there is one."""
        if self.opened:
            self.opened.close()

    def restart(self) -> None:
        """End the session: what is asked next is asked in a new process, with the module loaded anew."""
        self.close()
        self.opened, self.loaded = None, False

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The value of the check's task on these arguments."""
        return self.probe("call", self.task, *args, **kwargs)

    def call_and_inputs(self, *args: Any, **kwargs: Any) -> tuple[Any, list[Any]]:
        """The value of the task, and what each tensor argument holds afterwards."""
        value, inputs = sequence(self.probe("call_and_inputs", self.task, *args, **kwargs), 2)
        return value, inputs

    def traced(self, *args: Any, **kwargs: Any) -> tuple[Any, Mapping[str, Any]]:
        """(value, trace) of the task with all its tensors on the accelerator."""
        return self.traced_probe("traced_call", self.task, self.device, *args, **kwargs)

    def traced_probe(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, Mapping[str, Any]]:
        """The same for a probe that returns (value, trace)."""
        value, trace = sequence(self.probe(name, *args, **kwargs), 2)
        expect(isinstance(trace, dict), "the trace is missing")
        self.measured["trace"] = trace
        return value, trace

    def refuses(self, *args: Any, naming: tuple[str, ...] = (), error: str = "ValueError", **kwargs: Any) -> None:
        """The task raises this error on these arguments, with a message that holds one of the names."""
        self.probe_refuses("call", self.task, *args, naming=naming, error=error, **kwargs)

    def probe_refuses(self, name: str, *args: Any, naming: tuple[str, ...], error: str, **kwargs: Any) -> None:
        """The same for a probe."""
        outcome = self.outcome(name, *args, **kwargs)
        if not isinstance(outcome, Raised):
            raise Failed(f"no {error} is raised on bad input", f"bad input is accepted instead of a {error}")
        self._started(outcome)
        if error not in outcome.bases:
            raise Failed(f"bad input must raise {error}; it raised {outcome.sentence()}")
        if naming and not any(re.search(rf"(?<![^\W\d_]){re.escape(name)}", outcome.message, re.I) for name in naming):
            raise Failed(f"the message of the {error} must name the argument; it is: {outcome.message!r}")

    def probe(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The observations of a probe; an exception of the student's code ends the check."""
        outcome = self.outcome(name, *args, **kwargs)
        if isinstance(outcome, Raised):
            raise self.broken(outcome)
        return outcome

    def outcome(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The observations of a probe, or what the student's code raised."""
        self.load()
        return self._ask("probe", {"name": name, "args": args, "kwargs": kwargs, "seed": self._next_seed()})

    def load(self) -> None:
        """Load the module, once; how that ended is remembered for the topic's other checks."""
        if self.loaded:
            return
        topic = self.module.topic
        if known := self.module.known.get(topic):
            raise known
        try:
            self._load_module(topic)
        except Verdict as verdict:
            if verdict.final:
                self.module.known[topic] = verdict
            raise
        self.loaded = True

    def _load_module(self, topic: str) -> None:
        if topic in self.module.problems:
            raise Broke(self.module.problems[topic])
        if topic not in self.module.sources:
            raise NotStarted(f"{topic}.py was not handed in")
        sources, code = dict(self.module.sources), self.module.code
        if topic not in code:
            code[topic] = self._compiled(topic, sources[topic])
        known = {"topic": topic, "sources": sources, "code": {topic: code[topic]}, "task": self.task}
        self.opened = self.channel  # no room left for it is not the module's doing
        try:
            outcome = self._ask("load", known | {"seed": self._next_seed()})
        except TimedOut as late:
            late.message = f"{self.module.file} can't be loaded: {late.message}; {advice.LATE}"
            raise
        if isinstance(outcome, Raised):
            raise self._unloadable(outcome)
        self.kind = outcome if isinstance(outcome, str) else ""

    def _compiled(self, topic: str, source: bytes) -> bytes:
        """Compile in a session of its own, which never runs the code: no check can leave anything to another."""
        code = self._ask("compile", {"name": topic, "source": source})
        self.restart()
        if isinstance(code, Raised):
            raise self._unloadable(code)
        if not isinstance(code, bytes):
            raise Broke(f"{self.module.file} can't be compiled")
        return code

    def _unloadable(self, raised: Raised) -> Broke:
        handed_in = {topic: topic in self.module.sources for topic in topics()}
        says = advice.on_loading(raised.type, raised.message, raised.text, handed_in)
        says = f"; {says}" if says else ""
        return Broke(f"{self.module.file} can't be loaded: {raised.sentence()}{says}", raised.known())

    def _ask(self, operation: str, value: dict[str, Any]) -> Any:
        nonce = secrets.token_hex(8)
        tree, body = values.encode(value, layout=True)
        frame = wire.pack({"nonce": nonce, "op": operation, "value": tree}, body)
        header, content = self.channel.ask(frame, self.limits)
        try:
            return self._read(header, content, nonce)
        except wire.WireError as error:
            raise Failed(f"the answer can't be read: {error}") from None

    def _read(self, header: dict[str, Any], content: bytearray, nonce: str) -> Any:
        if header.get("nonce") != nonce:
            raise Failed("an answer came that was not asked for", "tampering: a forged reply")
        if names := header.get("tampered"):
            shown = _listed(names)
            raise Failed(f"tampering: the submission replaced {shown}", f"tampering: {shown} replaced")
        if names := header.get("trespassed"):
            shown = _listed(names)
            raise Failed(f"tampering: the submission looks into frames that are not its own ({shown})", "tampering")
        if names := header.get("left"):
            raise Failed(f"{_listed(names)} of torch is left changed", "changes a global setting of torch")
        if "raised" in header:
            return _raised(header["raised"], self.module)
        return values.decode(header.get("value"), content, layout=False)

    def broken(self, raised: Raised) -> Exception:
        """The verdict on an exception that a right submission would not raise."""
        self._started(raised)
        if raised.type == "Missing":
            return Broke(f"`{raised.message}` is not defined in {self.module.file}")
        if raised.type == "ForbiddenRoutine":
            return Failed(raised.message, "calls the library routine that the task is meant to build")
        if raised.type == "WireError":
            return Broke(f"the answer of `{self.task}` can't be sent to the grader: {raised.message}")
        form = self.module.forms.get(self.task)
        if raised.type == "TypeError" and not raised.line and form and (call := advice.on_call(raised.message, form)):
            return Broke(f"`{self.task}` must have the parameters of {call}, and no more: {raised.message}")
        return Broke(f"`{self.task}` raised {raised.sentence()}", raised.known())

    def explain(self, verdict: Verdict) -> None:
        """Add to a verdict's message what the task is or lacks, where that may be behind it."""
        form = self.module.forms.get(self.task)
        if verdict.status not in ("failed", "error") or not self.loaded or not form:
            return
        if says := advice.on_kind(self.task, form, self.kind) or advice.on_result(verdict.message):
            verdict.message = f"{verdict.message}; {says}"

    def _started(self, raised: Raised) -> None:
        """Raise NotStarted when the exception comes from the untouched stub of this check's task."""
        stub = self.module.stubs.get(self.task)
        if raised.type == "NotImplementedError" and stub and raised.fingerprints.get(self.task) == stub:
            raise NotStarted(f"`{self.task}` is still the stub")

    def _next_seed(self) -> int:
        self.seed += 1
        return self.seed


def _raised(content: Any, module: Module) -> Raised:
    """A validated description of an exception."""
    if not isinstance(content, dict):
        raise wire.WireError("not an exception")
    line, prints, file = content.get("line"), content.get("fingerprints"), _short(content.get("file"))
    line = line if type(line) is int and line > 0 else None
    topic, bases = file.removesuffix(".py") or module.topic, content.get("bases")
    line, cell = notebooks.place(module.sources.get(topic, b""), line) if line else (None, "")
    return Raised(
        type=_short(content.get("type")),
        bases=[_short(base) for base in bases[:50]] if isinstance(bases, list) else [],
        message=_short(content.get("message"), 500),
        line=line,
        text=_short(content.get("text"), 200),
        function=_short(content.get("function")),
        fingerprints={name: _short(digest) for name, digest in prints.items()} if isinstance(prints, dict) else {},
        where=cell
        + (f" of {notebooks.file_of(topic, module.sources.get(topic, b''))}" if topic != module.topic else ""),
    )


def _listed(names: Any) -> str:
    return ", ".join(_short(name, 60) or "?" for name in names[:3]) if isinstance(names, list) else "?"


def _short(content: Any, length: int = 200) -> str:
    return content[:length] if isinstance(content, str) else ""
