"""Stubs from solutions: signatures and docstrings stay, bodies become NotImplementedError, private helpers go."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

RAISE = 'raise NotImplementedError("{}")'


@dataclass(frozen=True)
class Form:
    """How a task is declared."""

    kind: str  # as in confined.loading.kind_of
    calls: Mapping[str, str]  # function or method, as Python's messages name it, to the way it is called


def forms_of(source: str) -> dict[str, Form]:
    """The form of every task of a solution module."""
    tasks = [node for node in ast.parse(source).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return {node.name: _form(node) for node in tasks if not node.name.startswith("_")}


def _form(node: ast.FunctionDef | ast.ClassDef) -> Form:
    if isinstance(node, ast.FunctionDef):
        yields = any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in ast.walk(node))
        return Form("generator function" if yields else "function", {node.name: f"{node.name}({_parameters(node)})"})
    methods = [child for child in node.body if isinstance(child, ast.FunctionDef) and not is_private(child.name)]
    calls = {f"{node.name}.{m.name}": f"{m.name}({_parameters(m, own=1)})" for m in methods}
    made = calls.get(f"{node.name}.__init__", "()").replace("__init__", "", 1)
    return Form("class", calls | dict.fromkeys((node.name, f"{node.name}.__init__"), f"{node.name}{made}"))


def _parameters(function: ast.FunctionDef, own: int = 0) -> str:
    """The parameters without their types, and without `self`."""
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        argument.annotation = None
    arguments.args = arguments.args[own:]
    return ast.unparse(arguments)


def stub_of(source: str) -> str:
    """The stub of a solution module, as text."""
    lines = source.splitlines()
    tree = ast.parse(source)
    edits = [edit for node in tree.body for edit in _edits(node, lines)]
    for start, end, replacement in sorted(edits, reverse=True):
        lines[start:end] = replacement
    return _tidy("\n".join(lines))


def _edits(node: ast.stmt, lines: list[str]) -> list[tuple[int, int, list[str]]]:
    """(first line, line behind the last, new lines) for one top-level statement."""
    if is_helper(node):
        return [_removed(node)]
    if isinstance(node, ast.FunctionDef):
        return [_emptied(node, node.name)]
    if isinstance(node, ast.ClassDef):
        methods = [child for child in node.body if isinstance(child, ast.FunctionDef)]
        kept = [_emptied(m, f"{node.name}.{m.name}") for m in methods if not is_private(m.name)]
        return kept + [_removed(m) for m in methods if is_private(m.name)]
    return []


def is_helper(node: ast.stmt) -> bool:
    """Whether a top-level statement belongs to the answer: a private function, class or constant."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return node.name.startswith("_")
    return isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) and t.id.startswith("_") for t in node.targets)


def is_private(name: str) -> bool:
    """Whether a method of this name belongs to the answer."""
    return name.startswith("_") and not name.startswith("__")


def first_line(node: ast.stmt) -> int:
    """Where a statement begins, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _removed(node: ast.stmt) -> tuple[int, int, list[str]]:
    return first_line(node) - 1, node.end_lineno or node.lineno, []


def _emptied(function: ast.FunctionDef, name: str) -> tuple[int, int, list[str]]:
    """The function's body after its docstring, replaced."""
    body = function.body
    documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    start = (body[0].end_lineno or 0) if documented else body[0].lineno - 1
    indent = " " * body[0].col_offset
    return start, function.end_lineno or start, [indent + RAISE.format(name)]


def _tidy(text: str) -> str:
    """At most two empty lines in a row, one at the end."""
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    return text.rstrip() + "\n"
