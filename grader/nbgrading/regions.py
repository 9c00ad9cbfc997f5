"""Solution cells: each task's code from the master copy, with the answer between nbgrader's two marks.

nbgrader replaces what is between the marks by one line that raises. So private helpers, which belong to the answer,
stand behind the body of the first task that uses them, before the mark that ends it.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from grader.kit.folder import KitError
from grader.stubs import first_line, is_helper, is_private

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"

Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Parts:
    """A solution module, taken apart."""

    text: str  # its docstring
    setup: str  # imports and public names
    tasks: dict[str, "Task"]


@dataclass(frozen=True)
class Task:
    """A task's definition, and the code of its cell."""

    node: Definition
    code: str


def parts_of(source: str) -> Parts:
    """Take a solution module apart."""
    tree, lines = ast.parse(source), source.splitlines()
    tasks = [node for node in tree.body if isinstance(node, Definition) and not is_helper(node)]
    helpers = [node for node in tree.body if is_helper(node)]
    homes = _homes(tasks, helpers)
    others = [node for node in tree.body if node not in (*tasks, *helpers) and not _is_text(node)]
    return Parts(
        text=ast.get_docstring(tree) or "",
        setup="\n".join(line for node in others for line in _spaced(node, lines)).strip(),
        tasks={task.name: Task(task, _cell(task, homes[task.name], lines)) for task in tasks},
    )


def _homes(tasks: Sequence[Definition], helpers: Sequence[ast.stmt]) -> dict[str, list[ast.stmt]]:
    """For each task, the helpers that it is the first to use, itself or by another helper."""
    homes: dict[str, list[ast.stmt]] = {task.name: [] for task in tasks}
    waiting = list(helpers)
    for task in tasks:
        used = _used(task, waiting)
        homes[task.name] = [helper for helper in waiting if helper in used]
        waiting = [helper for helper in waiting if helper not in used]
    if waiting and tasks:
        homes[tasks[-1].name] += waiting
    return homes


def _used(task: ast.stmt, helpers: Sequence[ast.stmt]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    asking = [task]
    while asking:
        names = {node.id for node in ast.walk(asking.pop()) if isinstance(node, ast.Name)}
        new = [helper for helper in helpers if helper not in found and names & set(_names(helper))]
        found += new
        asking += new
    return found


def _names(statement: ast.stmt) -> list[str]:
    if isinstance(statement, Definition):
        return [statement.name]
    return [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


@dataclass
class _Text:
    """A cell as it is written: the body that was written last is where more of the answer can go."""

    lines: list[str]
    shown: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)  # private methods before the first body
    ends: int | None = None

    def answer(self, lines: Sequence[str], indent: str) -> None:
        """The body of a function or method."""
        self.shown += [f"{indent}{BEGIN}", *lines, *self.early]
        self.ends, self.early = len(self.shown), []
        self.shown.append(f"{indent}{END}")

    def more(self, lines: Sequence[str]) -> None:
        """What belongs to the answer and stands outside every body."""
        if self.ends is None:
            self.early += ["", *lines]
        else:
            self.shown[self.ends : self.ends] = ["", *lines]
            self.ends += 1 + len(lines)


def _cell(task: Definition, helpers: Sequence[ast.stmt], lines: list[str]) -> str:
    text = _Text(lines)
    if isinstance(task, ast.FunctionDef):
        _function(task, text)
    else:
        _class(task, text)
    for helper in helpers:
        text.more(["", *_lines(helper, lines)])
    if text.early:
        raise KitError(f"the solution of {task.name} has private helpers, but no public function that could hold them")
    return "\n".join(text.shown)


def _class(task: ast.ClassDef, text: _Text) -> None:
    text.shown += text.lines[first_line(task) - 1 : task.body[0].lineno - 1]
    for child in task.body:
        if not isinstance(child, ast.FunctionDef):
            text.shown += _summary(child, text.lines) if _is_text(child) else _spaced(child, text.lines)
        elif is_private(child.name):
            text.more(_lines(child, text.lines))
        else:
            text.shown.append("")
            _function(child, text)


def _function(node: ast.FunctionDef, text: _Text) -> None:
    first = node.body[0]
    text.shown += text.lines[first_line(node) - 1 : _end_of_signature(node, text.lines)]
    if _is_text(first):
        text.shown += _summary(first, text.lines)
    begin = first.end_lineno if _is_text(first) else _end_of_signature(node, text.lines)
    text.answer(text.lines[begin : node.end_lineno], " " * first.col_offset)


def _end_of_signature(node: ast.FunctionDef, lines: Sequence[str]) -> int:
    """How many lines of the module end with the one before the body and the comments above it."""
    end = first_line(node.body[0]) - 1
    while lines[end - 1].lstrip().startswith("#"):
        end -= 1
    return end


def _summary(docstring: ast.stmt, lines: Sequence[str]) -> list[str]:
    """A docstring's first line: the rest is in the text above the cell."""
    own = _lines(docstring, lines)
    return own if len(own) == 1 else [f'{own[0].rstrip()}"""']


def _lines(node: ast.stmt, lines: Sequence[str]) -> list[str]:
    return list(lines[first_line(node) - 1 : node.end_lineno])


def _spaced(node: ast.stmt, lines: Sequence[str]) -> list[str]:
    """With an empty line above it where there is one."""
    return [""] * (lines[first_line(node) - 2 :][:1] == [""]) + _lines(node, lines)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def marked(lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The lines of a cell, and whether each is the answer, as nbgrader sees it."""
    inside = False
    for line in lines:
        if BEGIN in line or END in line:
            inside = BEGIN in line
        else:
            yield line, inside
