"""Whether a file is text at all, and in which encoding: asked before Python answers in riddles."""

import codecs
import re

from grader.collecting.limits import UnusableError

WIDE = {
    codecs.BOM_UTF32_LE: "UTF-32",  # before UTF-16, which begins alike
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
CODING = re.compile(rb"(?:[^\r\n]*(?:\r\n?|\n))?[ \t\f]*#[^\r\n]*?coding[:=]")  # in one of the first two lines


def filled(content: bytes, name: str) -> bytes:
    """The content, if there is any."""
    if not content.strip():
        raise UnusableError(f"{name} is empty; was it saved before it was handed in?")
    return content


def checked(content: bytes, name: str) -> bytes:
    """The content of a Python file, if it is text in the encoding that Python will take it for."""
    for mark, encoding in WIDE.items():
        if content.startswith(mark):
            raise UnusableError(f"{name} is saved as {encoding}; save it as UTF-8")
    if (at := content.find(0)) >= 0:
        raise UnusableError(f"{name} is damaged: line {_line(content, at)} holds null bytes; save it as UTF-8 text")
    if not CODING.match(content):
        _as_utf8(content, name)
    return filled(content.removeprefix(codecs.BOM_UTF8), name) and content


def _as_utf8(content: bytes, name: str) -> None:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise UnusableError(
            f"{name} is not saved as UTF-8: line {_line(content, error.start)} holds the byte "
            f"0x{content[error.start]:02x}; save it as UTF-8"
        ) from None


def _line(content: bytes, at: int) -> int:
    return len(re.findall(rb"\r\n?|\n", content[:at])) + 1
