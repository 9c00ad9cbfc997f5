"""The framed format between the grader and a confined process: a JSON header, then raw bytes.

A frame is `MAGIC`, the length of the header (4 bytes), the length of the body (8 bytes), the header as UTF-8 JSON, the
body. Tensors travel as bytes of the body; everything else stands in the header. Reading a frame runs no code of its
sender, and any frame that is not well formed raises WireError.
"""

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

MAGIC = b"GK1\n"
PREFIX = struct.Struct("!4sIQ")
MAX_HEADER = 8 << 20
MAX_BODY = 256 << 20


class WireError(Exception):
    """A frame or a value that does not follow the format."""


def pack(header: dict[str, Any], body: bytes | bytearray = b"") -> bytes:
    """One frame as bytes."""
    try:
        text = json.dumps(header, separators=(",", ":")).encode()
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits
        raise WireError(f"can't be sent: {error}") from None
    if len(text) > MAX_HEADER or len(body) > MAX_BODY:
        raise WireError(
            f"too large to send: {len(body) >> 20} MiB of tensors and {len(text) >> 20} MiB of other values, "
            f"where {MAX_BODY >> 20} and {MAX_HEADER >> 20} are allowed"
        )
    return b"".join((PREFIX.pack(MAGIC, len(text), len(body)), text, body))


def alarm(nonce: str, tampered: Sequence[str], trespassed: Sequence[str]) -> bytes:
    """A frame that says so and nothing else, written without `json`, which the submission may have replaced."""
    text = f'{{"nonce":"{nonce}","tampered":[{_quoted(tampered)}],"trespassed":[{_quoted(trespassed)}]}}'.encode()
    return b"".join((PREFIX.pack(MAGIC, len(text), 0), text))


def _quoted(names: Sequence[str]) -> str:
    return ",".join(f'"{name[:200].translate(_PLAIN)}"' for name in names)


_PLAIN = {ord(mark): "?" for mark in '"\\'} | dict.fromkeys(range(32), "?") | dict.fromkeys(range(0xD800, 0xE000), "?")


def read(receive: Callable[[int], bytearray]) -> tuple[dict[str, Any], bytearray]:
    """The next frame; `receive(n)` returns exactly n bytes or raises."""
    magic, header_length, body_length = PREFIX.unpack(receive(PREFIX.size))
    if magic != MAGIC or header_length > MAX_HEADER or body_length > MAX_BODY:
        raise WireError("not a frame")
    header = _parse(receive(header_length))
    return header, receive(body_length)


def unpack(frame: bytes) -> tuple[dict[str, Any], bytearray]:
    """A frame that is in memory as a whole."""
    position = 0

    def receive(count: int) -> bytearray:
        nonlocal position
        if position + count > len(frame):
            raise WireError("the frame is cut short")
        position += count
        return bytearray(frame[position - count : position])

    return read(receive)


def _parse(text: bytearray) -> dict[str, Any]:
    try:
        header = json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise WireError(f"the header is not JSON: {type(error).__name__}") from None
    if not isinstance(header, dict):
        raise WireError("the header is not an object")
    return header
