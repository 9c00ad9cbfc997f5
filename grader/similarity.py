"""Which hand-ins resemble each other, topic by topic: a reason to look at both, no proof of anything.

Sources are compared as texts, with copydetect's winnowed fingerprints, in which names do not count; nothing is run.
What the stub gives to everybody counts for nobody.
"""

import importlib.util
import io
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import combinations
from typing import Any

from grader.paths import EXERCISES
from grader.results import Pair
from grader.run import Readable

EXTRA = "copydetect"
HOW_TO = "--similarity needs copydetect: pip install -e '.[instructor]'"
NOISE, WINDOW = 25, 10  # characters of renamed code: shorter matches are chance; one in so many is kept
LARGEST = 64 << 10  # bytes of a source that is looked at: a task's own code is a few thousand
# CPU seconds for one source: ordinary ones take 0.02, and nobody proved that the lexer ends soon on others.
LONGEST = 1.0
SMALLEST = 12  # fingerprints beyond the stub, below which there is too little to tell
# Share of the smaller one in the other: independent right answers reach 0.3, renamed and rearranged copies 0.55.
ALIKE = 0.45
MOST = 100  # pairs of a topic that are told, the most similar ones

Print = Any  # copydetect.CodeFingerprint


class TooLongError(Exception):
    """A source takes more time than it is given."""


def available() -> bool:
    return importlib.util.find_spec(EXTRA) is not None


def similar(found: Sequence[Readable], topics: Sequence[str]) -> list[Pair]:
    """Pairs of submissions that are alike; one topic's fingerprints lie in memory at a time."""
    return [pair for topic in topics for pair in _in_topic(found, topic)]


def _in_topic(found: Sequence[Readable], topic: str) -> list[Pair]:
    prints = dict(_prints(found, topic))
    pairs = (Pair(topic, a, b, round(_share(prints[a], prints[b]), 3)) for a, b in _candidates(prints))
    return sorted((pair for pair in pairs if pair.share >= ALIKE), key=lambda pair: -pair.share)[:MOST]


def _prints(found: Sequence[Readable], topic: str) -> Iterator[tuple[str, Print]]:
    """The fingerprints of each submission that has enough code of its own."""
    stub = EXERCISES / f"{topic}.py"
    given = _print(stub.read_bytes() if stub.is_file() else b"", 1).hashes
    for submission in found:
        own = _own(submission.read().sources.get(topic, b""), given)
        if own is not None and len(own.hashes) >= SMALLEST:
            yield submission.id, own


def _own(source: bytes, given: set[int]) -> Print | None:
    """The fingerprint of what is not in the stub; None of a source that is too large or takes too long."""
    if 0 < len(source) <= LARGEST:
        with suppress(TooLongError), _at_most(LONGEST):
            return _without(_print(source, WINDOW), given)
    return None


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Interrupt the block after so much CPU time; a search by a regular expression, too."""

    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _print(source: bytes, window: int) -> Print:
    import copydetect  # brings matplotlib along, which nobody else here waits for

    text = io.StringIO(source.decode("utf-8", "replace"))
    return copydetect.CodeFingerprint("source.py", NOISE, window, language="python", fp=text)


def _without(own: Print, given: set[int]) -> Print:
    """Without the starter code, and without the text, which is long."""
    from copydetect.utils import get_token_coverage

    own.hash_idx = {key: places for key, places in own.hash_idx.items() if key not in given}
    own.hashes = set(own.hash_idx)
    own.token_coverage = get_token_coverage(own.hash_idx, own.k, len(own.filtered_code))
    own.raw_code = ""
    return own


def _candidates(prints: Mapping[str, Print]) -> Iterator[tuple[str, str]]:
    """Pairs that share enough fingerprints to be worth a comparison: in a class most do not."""
    for (one, a), (other, b) in combinations(prints.items(), 2):
        if 2 * len(a.hashes & b.hashes) >= ALIKE * min(len(a.hashes), len(b.hashes)):
            yield one, other


def _share(one: Print, other: Print) -> float:
    """How much of the smaller source is in the other one."""
    import copydetect

    _, shares, _ = copydetect.compare_files(one, other)
    return min(float(max(shares)), 1.0)
