"""Names and messages come from strangers: each format has one function that makes them harmless there."""

import functools
import html as html_entities
import re
import unicodedata

ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links, clipboard
    r"|\x1b[ -/]*[0-~]?"
)
JOINERS = "\u200c\u200d"
INVISIBLE = "\u200b"  # zero width: breaks up what GitHub links after Markdown is done
LINKED = re.compile(r"(?i)([@#!%&~^$](?=\w)|\bGH(?=-\d)|:(?=//)|www(?=\.))")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def plain(text: str, longest: int = 2000) -> str:
    """One line without control characters, terminal sequences, or marks that reverse a line."""
    text = re.sub(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+\s*", " ", ANSI.sub("", text[: 4 * longest]))
    text = text.strip() if text.isprintable() else "".join(map(_printable, text)).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"


def workflow(text: str, longest: int = 2000) -> str:
    """A line for a CI log, in which `::error::` and `##[group]` are commands to the runner."""
    text = re.sub(r":(?=:)", ": ", plain(text, longest))
    return re.sub(r"#(?=#)", "# ", text)


@functools.lru_cache(4096)
def html(text: str, longest: int = 2000) -> str:
    """Text between tags or in a quoted attribute."""
    return html_entities.escape(plain(text, longest))


@functools.lru_cache(2048)  # names and hints of checks come again with every submission
def markdown(text: str, longest: int = 2000) -> str:
    """Text in a paragraph, a list item or a table's cell: no markup, HTML, link, mention, quick action or new cell."""
    text = re.sub(r"([\\`*_\[\]|~$])", r"\\\1", unlinked(plain(text, longest)))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"^([#+\-=:/])", r"\\\1", text)
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", text)


def unlinked(text: str) -> str:
    """What GitHub and GitLab make links and mentions of once Markdown is done, broken up: @ann, #1, GH-1, !1, www."""
    return LINKED.sub(rf"\1{INVISIBLE}", text)


def csv_cell(text: str, longest: int = 2000) -> str:
    """A spreadsheet runs a cell that begins like a formula; many take a semicolon for the end of a cell."""
    cell = re.sub(r";(?=[=+\-@])", ";'", plain(text, longest))
    return f"'{cell}" if text.startswith(FORMULA) or cell.startswith(FORMULA) else cell


@functools.lru_cache(2048)
def xml(text: str, longest: int = 2000) -> str:
    """Text or an attribute's value in XML 1.0, which has no word for some characters, not even escaped."""
    legal = plain(text, longest).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    return html_entities.escape(legal)


def annotation(level: str, message: str, **properties: str | int | None) -> str:
    """A line that GitHub's runner takes for a command, `::error file=F,line=1::message`, and for no other one."""
    known = ((name, value) for name, value in properties.items() if value is not None)
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in known)
    return f"::{level} {shown}::{_data(message)}"


def _data(text: str) -> str:
    return workflow(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if character == "\t":
        return " "
    if category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in JOINERS):
        return "" if category == "Cf" else "\ufffd"
    return character
