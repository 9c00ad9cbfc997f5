"""Names come from strangers: ids that are safe to show, and file names for the feedback."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
PACKED = (*ARCHIVES, ".rar", ".7z")
SUFFIXES = (*PACKED, ".py", ".ipynb")
JOINERS = "\u200c\u200d"  # invisible, but Persian, Hindi and emoji are misspelt without them
REPLACEMENT = "\ufffd"
LONGEST, LONGEST_BYTES = 100, 200
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³")}


def clean_name(name: str) -> str:
    """NFC; what would move a cursor, reverse a line or fail to encode becomes U+FFFD."""
    return unicodedata.normalize("NFC", "".join(map(_visible, name)))


def shown(name: str, longest: int = 80) -> str:
    """A name as it may stand in a message."""
    clean = clean_name(name)
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def listed(names: Sequence[str], most: int = 8) -> str:
    head = ", ".join(shown(name) for name in names[:most])
    return f"{head} and {len(names) - most} more" if len(names) > most else head


def short_name(name: str, is_folder: bool) -> str:
    """A file's name without its .py or archive suffix; of a folder, all of it."""
    if is_folder:
        return name
    suffix = max((end for end in SUFFIXES if name.lower().endswith(end)), key=len, default="")
    return name[: len(name) - len(suffix)] or name


def unique_ids(short: Sequence[str], full: Sequence[str]) -> list[str]:
    """The short name where it is the only one, else the full name, else that with a number."""
    counts = Counter(map(clean_name, short))
    wanted = [clean_name(f if counts[clean_name(s)] > 1 else s) for s, f in zip(short, full, strict=True)]
    given: dict[str, None] = {}
    for name in wanted:
        given[name if name not in given else _numbered(name, {*given, *wanted})] = None
    return list(given)


def _numbered(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


def feedback_name(id: str) -> str:
    """The name of an id's feedback file, without .md; an id that is a safe file name stays as it is."""
    text = "".join(c if _kept(c) else "_" for c in unicodedata.normalize("NFC", id))
    return _legal(text, LONGEST, LONGEST_BYTES)


def feedback_names(ids: Iterable[str]) -> dict[str, str]:
    """A file name for each id, all different even where the file system ignores case."""
    plain = {id: feedback_name(id) for id in sorted(set(ids))}
    names: dict[str, str] = {}
    taken: set[str] = set()
    reserved = {_folded(name) for name in plain.values()}
    for id, name in sorted(plain.items(), key=lambda item: (item[0] != item[1], item[0])):
        names[id] = name if _folded(name) not in taken else _hashed(id, name, taken | reserved)
        taken.add(_folded(names[id]))
    return {id: names[id] for id in plain}


def _hashed(id: str, name: str, taken: set[str]) -> str:
    digest = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()
    for length in range(8, len(digest)):
        suffix = "-" + digest[:length]
        candidate = _legal(name, LONGEST - len(suffix), LONGEST_BYTES - len(suffix)) + suffix
        if _folded(candidate) not in taken:
            return candidate
    raise AssertionError("two ids have one SHA-256")


def _legal(text: str, longest: int, longest_bytes: int) -> str:
    """Not hidden, not one of Windows' devices, no end that Windows drops, short enough for every file system."""
    text = "_" + text if text.partition(".")[0].strip().upper() in RESERVED else text
    text = text[:longest].encode()[:longest_bytes].decode(errors="ignore")
    if text[:1] in (".", " "):
        text = "_" + text[1:]
    if text[-1:] in (".", " "):
        text = text[:-1] + "_"
    return text or "_"


def _kept(character: str) -> bool:
    # Marks are parts of letters in the scripts of India, and NFC doesn't compose them.
    return character in " ._-" or unicodedata.category(character)[0] in "LNM"


def _visible(character: str) -> str:
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in JOINERS
    return REPLACEMENT if hidden else character


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
