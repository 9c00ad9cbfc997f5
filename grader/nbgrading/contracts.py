"""What a task has to do, as Markdown: its docstring with headings, lists and listings."""

import ast
import inspect
import re
from collections.abc import Iterator

from grader.stubs import is_private

SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Yields|Slide):(?: (.*))?$")
ITEM = re.compile(r"(`?[\w.]+`?): (.*)$")
LISTS = ("Args", "Attributes", "Raises")


def contract(node: ast.FunctionDef | ast.ClassDef) -> str:
    """The docstring of a task; for a class, those of its public methods too."""
    parts = [f"## `{node.name}`", markdown(ast.get_docstring(node) or "")]
    for method in node.body if isinstance(node, ast.ClassDef) else []:
        if isinstance(method, ast.FunctionDef) and not is_private(method.name) and (text := ast.get_docstring(method)):
            parts += [f"### `{node.name}.{method.name}`", markdown(text)]
    return "\n\n".join(part for part in parts if part)


def markdown(docstring: str) -> str:
    """A docstring as Markdown."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_blocks(inspect.cleandoc(docstring).split("\n")))).strip()


def _blocks(lines: list[str]) -> Iterator[str]:
    section, listing = "", False
    for line in lines:
        if not listing and line.lstrip().startswith(">>>"):
            yield "\n```python"
            listing = True
        elif listing and not line.strip():
            yield "```\n"
            listing = False
        if listing:
            yield line
        elif heading := SECTION.match(line):
            section = heading[1]
            yield f"\n**{section}:** {_text(heading[2] or '')}".rstrip() + "\n"
        else:
            yield _line(line, section)
    if listing:
        yield "```"


def _line(line: str, section: str) -> str:
    """A line of text: of a list where its section is one, and it is indented."""
    indent = len(line) - len(line.lstrip())
    text = line.strip()
    if section not in LISTS or not indent:
        return _text(text)
    item = ITEM.match(text) if indent == 4 else None
    if item:
        return f"- `{item[1].strip('`')}`: {_text(item[2])}"
    return f"  {_text(text)}" if indent > 4 else f"\n{_text(text)}"


def _text(text: str) -> str:
    """What HTML or Markdown would swallow, outside of code."""
    parts = text.split("`")
    return "`".join(part if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    return re.sub(r"(?<!\w)_|_(?!\w)|[$~|]", r"\\\g<0>", text.replace("&", "&amp;").replace("<", "&lt;"))
