"""What went wrong, for somebody who meets Python's own message for the first time: what it means and what to do."""

import re
from collections.abc import Mapping

from grader.stubs import Form

Rules = tuple[tuple[str, str, str], ...]  # (type of the exception, pattern in its message or line, advice)

SAVE = "save the file as UTF-8 text"
CONFLICT = "a merge conflict was left in the file: keep one of the two versions, and delete the lines <<<, === and >>>"
QUOTES = "a text processor or a PDF has put typographic quotes there: type the straight quotes \" or ' instead"
NO_SPACE = "it looks like a space and is none, as in text from a PDF or a web page: delete it and type a space"
AT_LOADING: Rules = (
    ("SyntaxError", r"^(<<<<<<<|=======|>>>>>>>)", CONFLICT),
    ("SyntaxError", r"invalid character '[“”„‟«»‘’‚‛]'", QUOTES),
    ("SyntaxError", r"invalid non-printable character", NO_SPACE),
    ("SyntaxError", r"invalid character", "type this character again on the keyboard"),
    ("SyntaxError", r"unicodeescape", 'a backslash begins an escape there: write r"…", or / in a path'),
    ("SyntaxError", r"unknown encoding", f"delete the line `# coding: …`, and {SAVE}"),
    ("SyntaxError", r"can't decode", f"the file has another encoding than `# coding: …` says: delete that, and {SAVE}"),
    ("UnicodeDecodeError", r"", 'the text that is read has another encoding: open it with encoding="utf-8"'),
    ("TabError", r"", "indent every line with spaces alone, four a level"),
    ("IndentationError", r"", "lines of one block begin below each other, four spaces further than the line before"),
    ("ImportError", r"attempted relative import", "write the import without the dot: `from modules import …`"),
    ("EOFError", r"EOF when reading a line", "nobody types while the file is graded: take input() out"),
    ("SystemExit", r"", "the file ends the program while it is imported: take exit() or sys.exit() out"),
    ("FileNotFoundError", r"", "no data files are there when it is graded: a module has to load without any"),
)
LATE = 'what runs long or waits does not belong there; put it below `if __name__ == "__main__":`'


def on_loading(kind: str, message: str, text: str, topics: Mapping[str, bool]) -> str | None:
    """What to do about an exception while a module loads; `topics` says of each topic whether it was handed in."""
    if kind == "ModuleNotFoundError" and (found := re.match(r"No module named '([\w.]+)'", message)):
        return _not_found(found[1], topics)
    return next((says for t, p, says in AT_LOADING if t == kind and (re.search(p, message) or re.match(p, text))), None)


def _not_found(name: str, topics: Mapping[str, bool]) -> str:
    root = name.partition(".")[0]
    if topics.get(root) is False:
        return f"{root}.py was not handed in: hand it in too, or do without it"
    return f"{root} is not installed where it is graded: use torch, numpy and Python's own library alone"


def on_call(message: str, form: Form) -> str | None:
    """How a task must be defined, where a call did not fit its parameters."""
    called = re.match(r"([\w.]+)\(\) (takes|missing|got) ", message)
    return form.calls.get(called[1]) if called else None


def on_kind(task: str, form: Form, found: str) -> str | None:
    """What a task is and should not be; `found` is a word of `confined.loading.kind_of`."""
    wanted = "class" if form.kind == "class" else "function"
    if found in ("", "callable", wanted, form.kind):
        return None
    if found == "async function":
        return f"`{task}` is defined by `async def`, so that calling it runs nothing: write plain `def`"
    if found == "generator function":
        return f"`{task}` holds a `yield`, so that calling it makes a generator: `return` the whole result"
    return f"`{task}` is {_named(found)}, where the exercise asks for a {wanted}: {form.calls[task]}"


def _named(kind: str) -> str:
    return f"a {kind}" if kind in ("class", "function") else f"a value of type {kind}"


def on_result(message: str) -> str | None:
    """What may be behind a result that is not there."""
    return "is a `return` missing?" if re.match(r"the result is (wrong: )?None\b", message) else None
