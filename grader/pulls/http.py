"""JSON over HTTPS, with the standard library alone: patient with a busy server, and sparing with the token."""

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from typing import IO, Any

from grader.reports.escape import workflow

ATTEMPTS, TRIES = 4, 3
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds
TIMEOUT = 30.0  # seconds without a byte
LARGEST = 16 << 20  # bytes of an answer
PAGE, MOST_PAGES = 100, 100
BUSY = (500, 502, 503, 504)
LOCAL = ("127.0.0.1", "localhost", "::1")


class HttpError(Exception):
    """A request failed for good; the message names it, and never the token."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class UnsureError(HttpError):
    """No answer to a request that must not be made twice: nobody knows whether it was carried out."""


class TooLargeError(HttpError):
    """The answer is longer than what was asked for."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to wherever the answer points."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def until_sure(act: Callable[[], Any]) -> Any:
    """Try again what begins by looking whether it was done, or what does no harm when it is done twice."""
    for _ in range(TRIES - 1):
        try:
            return act()
        except UnsureError:
            continue
    return act()


class Http:
    """One server's API."""

    def __init__(self, base: str, headers: Mapping[str, str], sleep: Callable[[float], object] = time.sleep) -> None:
        address = urllib.parse.urlsplit(base)
        if address.scheme != "https" and address.hostname not in LOCAL:
            raise HttpError(f"{base} is not https, so that the token would be readable on its way")
        self.base, self._headers, self._sleep = base.rstrip("/"), dict(headers), sleep
        self._opener = urllib.request.build_opener(_Stay)

    def get(self, path: str, /, **query: str | int) -> Any:
        return _json(self._send("GET", _with(path, query)), path)

    def pages(self, path: str, /, **query: str | int) -> Iterator[Any]:
        """The items of a list that comes in pages."""
        for page in range(1, MOST_PAGES + 1):
            items = self.get(path, per_page=PAGE, page=page, **query)
            yield from items
            if len(items) < PAGE:
                return
        raise HttpError(f"{path} has more than {MOST_PAGES * PAGE} items, so that one of them can't be looked for")

    def read(self, path: str, most: int, accept: str) -> bytes:
        """An answer that is not JSON; TooLargeError above so many bytes."""
        return self._send("GET", path, headers={"Accept": accept}, most=most)

    def change(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """PATCH or PUT, which may be repeated."""
        return _json(self._send(method, path, body), path)

    def create(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST; UnsureError where it may have been carried out although no answer says so."""
        return _json(self._send("POST", path, body), path)

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        most: int = LARGEST,
    ) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        for attempt in range(1, ATTEMPTS + 1):
            request = urllib.request.Request(
                self.base + path, data, {**self._headers, **(headers or {})}, method=method
            )
            try:
                return self._answer(request, most)
            except (OSError, http.client.HTTPException) as error:  # HTTPError and time-outs are OSErrors
                wait = _wait(error, attempt)
                if wait is None or attempt == ATTEMPTS or (method == "POST" and not _refused(error)):
                    raise _told(error, f"{method} {path.partition('?')[0]}", method) from None
                self._sleep(wait)
        raise AssertionError("the last attempt raises")

    def _answer(self, request: urllib.request.Request, most: int) -> bytes:
        with self._opener.open(request, timeout=TIMEOUT) as answer:
            data: bytes = answer.read(most + 1)
        if len(data) > most:
            raise TooLargeError(f"the answer to {request.get_method()} is longer than {most} bytes")
        return data


def _wait(error: Exception, attempt: int) -> float | None:
    """Seconds until the next attempt; None where another one is of no use."""
    patience: float = FIRST_WAIT * 2 ** (attempt - 1)
    if not isinstance(error, urllib.error.HTTPError):
        return patience
    if not (error.code in BUSY or _limited(error)):
        return None
    asked = str(error.headers.get("Retry-After", ""))
    return min(LONGEST_WAIT, float(asked) if asked.isdecimal() and asked.isascii() else patience)


def _limited(error: urllib.error.HTTPError) -> bool:
    """A limit on requests, which GitHub tells by 403, too."""
    spent = "Retry-After" in error.headers or error.headers.get("X-RateLimit-Remaining") == "0"
    return error.code == 429 or (error.code == 403 and spent)


def _refused(error: Exception) -> bool:
    """The server says that it did nothing."""
    return isinstance(error, urllib.error.HTTPError) and _limited(error)


def _told(error: Exception, request: str, method: str) -> HttpError:
    """The error in words; what the server said is a stranger's text."""
    if not isinstance(error, urllib.error.HTTPError):
        kind = UnsureError if method == "POST" else HttpError
        return kind(f"no answer to {request}: {workflow(str(error), 200)}")
    with error:
        said = workflow(_said(error), 200)
    text = f"{request} was answered with {error.code}{': ' if said else ''}{said}{_advice(error.code)}"
    return UnsureError(text, error.code) if method == "POST" and error.code in BUSY else HttpError(text, error.code)


def _advice(status: int) -> str:
    if 300 <= status < 400:
        return "; it has moved: use its new name"
    if status in (401, 403, 404):
        return "; look at the token: its repositories, its permissions, and whether it has expired"
    return ""


def _said(error: urllib.error.HTTPError) -> str:
    try:
        message = json.loads(error.read(1 << 16))["message"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, http.client.HTTPException):
        return ""
    return str(message)


def _json(data: bytes, path: str) -> Any:
    try:
        return json.loads(data) if data else None
    except (ValueError, RecursionError) as error:
        raise HttpError(f"the answer to {path} is not JSON") from error


def _with(path: str, query: Mapping[str, str | int]) -> str:
    return f"{path}?{urllib.parse.urlencode(query)}" if query else path
