"""What a student can run in a grade cell: the public tests of a task, as far as a notebook alone can run them.

They use nothing of gradkit. Tests that need pytest's fixtures (all of gpu and speed do) stay with the students' kit.
"""

import ast
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.stubs import first_line

MARK = "pytest.mark.correctness"
PARAMETRIZE = "pytest.mark.parametrize"


@dataclass(frozen=True)
class PublicTests:
    """The file with a topic's public tests."""

    topic: str
    source: str

    def of(self, task: str, tasks: Sequence[str]) -> str:
        """The code that runs the tests of one of these tasks; nothing where there are none."""
        lines, tree = self.source.splitlines(), ast.parse(self.source)
        own = [test for test in _tests(tree) if _task_of(test.name, tasks) == task]
        if not own:
            return ""
        parts = ["\n".join(self._imports(tree, own)), *self._needed(tree, own, lines)]
        parts += ["\n".join(lines[test.lineno - 1 : test.end_lineno]) for test in own]
        parts += ["\n".join(line for test in own for line in _runs(test))]
        return textwrap.indent("\n\n".join(part for part in parts if part), "    ")

    def _imports(self, tree: ast.Module, tests: Sequence[ast.FunctionDef]) -> Iterator[str]:
        """Those that the tests use; the topic's module is the notebook itself."""
        used = _used(tests, _definitions(tree))
        for node in (node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))):
            if isinstance(node, ast.ImportFrom) and node.module == self.topic:
                continue
            node.names = [alias for alias in node.names if (alias.asname or alias.name).split(".")[0] in used]
            if isinstance(node, ast.Import) and any(alias.name == self.topic for alias in node.names):
                yield f"import __main__ as {self.topic}"
            elif node.names:
                yield ast.unparse(node)

    def _needed(self, tree: ast.Module, tests: Sequence[ast.FunctionDef], lines: Sequence[str]) -> list[str]:
        definitions = _definitions(tree)
        used = _used(tests, definitions)
        nodes = dict.fromkeys(node for name, node in definitions.items() if name in used)
        return ["\n".join(lines[first_line(node) - 1 : node.end_lineno]) for node in nodes]


def _tests(tree: ast.Module) -> list[ast.FunctionDef]:
    """Tests that are calls and nothing more: marked as correctness, their arguments written beside them."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return [node for node in functions if _is_plain(node)]


def _is_plain(test: ast.FunctionDef) -> bool:
    marks = [ast.unparse(mark) for mark in test.decorator_list]
    plain = all(mark == MARK or mark.startswith(f"{PARAMETRIZE}(") for mark in marks)
    return plain and MARK in marks and {argument.arg for argument in test.args.args} == set(_names(test))


def _names(test: ast.FunctionDef) -> list[str]:
    return [name for names, _ in _given(test) for name in names]


def _given(test: ast.FunctionDef) -> Iterator[tuple[list[str], ast.expr]]:
    """(names, their values) of each parametrize."""
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == PARAMETRIZE and not mark.keywords:
            names, values = mark.args
            named = ast.literal_eval(names)
            yield (named.replace(",", " ").split() if isinstance(named, str) else list(named)), values


def _runs(test: ast.FunctionDef) -> Iterator[str]:
    """Loops over the arguments, and the call."""
    indent = ""
    for names, values in _given(test):
        yield f"{indent}for {', '.join(names)} in {ast.unparse(values)}:"
        indent += "    "
    yield f"{indent}{test.name}({', '.join(f'{name}={name}' for name in _names(test))})"


def _task_of(test: str, tasks: Sequence[str]) -> str | None:
    """The task whose name a test's begins with, whatever its capitals; the longest, where one begins another."""
    name = test.removeprefix("test_").replace("_", "")
    own = [task for task in tasks if name.startswith(task.replace("_", "").lower())]
    return max(own, key=len, default=None)


def _definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    """Helpers of the tests: functions, classes and constants."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("test_"):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {
                name.id: node for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)
            }
    return found


def _used(tests: Sequence[ast.FunctionDef], definitions: Mapping[str, ast.stmt]) -> set[str]:
    """Every name that the tests use, and that the helpers use which they use."""
    names: set[str] = set()
    waiting: list[ast.AST] = [node for test in tests for node in (*test.body, *(values for _, values in _given(test)))]
    while waiting:
        new = {node.id for node in ast.walk(waiting.pop()) if isinstance(node, ast.Name)} - names
        names |= new
        waiting += [definitions[name] for name in new if name in definitions]
    return names
