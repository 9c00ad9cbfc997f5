"""Corpora in several scripts, and what vocabularies and encodings of them are, right and with known mistakes."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from grader.judge import described, expect, integer, sequence
from grader.verdicts import Failed

SPECIALS = ("<pad>", "<unk>", "<bos>", "<eos>")
FOREIGN = [
    "大海",
    "海",
    "Straße",
    "ÉCOLE",
    "école",
    "привет",
    "ПРИВЕТ",
    "naïve",
    "ωμέγα",
    "🙂",
    "co-op,",
    "co-op",
    "1,000",
    "e\u0301",
    "ﬁ",
]
SPACES = [" ", "  ", "\t", "\n", " \r\n", "\u3000", "\xa0", "\n\n\t "]

Split = Callable[[str], list[str]]


def plain(text: str) -> list[str]:
    return text.lower().split()


def dressed(fresh: Any, words: Sequence[str]) -> str:
    """The words in any case, with any whitespace between and around them."""
    cases = (str, str.lower, str.upper, str.title)
    parts = [fresh.choice(cases)(word) for word in words]
    text = "".join(part + fresh.choice(SPACES) for part in parts)
    return fresh.choice(("", *SPACES)) + text if fresh.integer(0, 1) else text.strip()


def corpus(fresh: Any, count: int = 10) -> list[str]:
    """Texts with many ties, some frequent words and a long one, an empty text and one of whitespace among them."""
    sentences = [sentence.split() for sentence in fresh.sentences(count)]
    texts = [dressed(fresh, [*words, *fresh.python.sample(FOREIGN, 4)]) for words in sentences]
    texts += [" ".join(["Zebra ZEBRA zebra", "straße STRAßE " * 3, "b\ta\xa0b", "ha" * 30]), "", " \n"]
    fresh.python.shuffle(texts)
    return texts


SPLITS: Mapping[str, Split] = {
    "case is folded, which is more than lower-casing: ß becomes ss": lambda t: t.casefold().split(),
    "the text is not lower-cased": str.split,
    "split at single spaces, where any whitespace is meant": lambda t: t.lower().split(" "),
    "split at single spaces after strip(), where any whitespace is meant": lambda t: t.lower().strip().split(" "),
    "split at single spaces, the empty pieces left out": lambda t: [p for p in t.lower().split(" ") if p],
    "split at ASCII whitespace only": lambda t: re.findall(r"\S+", t.lower(), re.ASCII),
    "no-break spaces are taken for a part of the token": lambda t: re.findall(r"(?:\S|\xa0)+", t.lower()),
    "long tokens are left out": lambda t: [p for p in plain(t) if len(p) < 40],
    "texts are normalized (NFC)": lambda t: unicodedata.normalize("NFC", t.lower()).split(),
    "texts are normalized (NFKC)": lambda t: unicodedata.normalize("NFKC", t.lower()).split(),
    "split at \\W, so that punctuation is cut off": lambda t: re.findall(r"\w+", t.lower()),
    "punctuation is cut off the ends of tokens": lambda t: [p.strip(".,;:!?") for p in plain(t)],
    "punctuation is taken out": lambda t: re.sub(r"[^\w\s]", "", t.lower()).split(),
}


# Vocabularies


def numbered(tokens: Iterable[str], start: int = 0) -> dict[str, int]:
    return {token: number for number, token in enumerate(tokens, start)}


def by_count(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda token: (-counts[token], token))


def counted(texts: Sequence[str], split: Split = plain) -> Counter[str]:
    return Counter(token for text in texts for token in split(text))


def vocabulary(
    texts: Sequence[str], max_size: int | None = None, specials: Sequence[str] = SPECIALS, split: Split = plain
) -> dict[str, int]:
    """The right vocabulary, or with another `split` a mistaken one."""
    found = [token for token in by_count(counted(texts, split)) if token not in specials]
    room = len(found) if max_size is None else max(0, max_size - len(specials))
    return numbered([*specials, *found[:room]])


def vocabulary_mistakes(
    texts: Sequence[str], max_size: int | None, specials: Sequence[str]
) -> dict[str, Callable[[], dict[str, int]]]:
    """Sentence to the vocabulary that this mistake gives."""
    counts = counted(texts)
    every = by_count(counts)
    found = [token for token in every if token not in specials]
    room = len(found) if max_size is None else max(0, max_size - len(specials))

    def split_by(split: Split) -> Callable[[], dict[str, int]]:
        return lambda: vocabulary(texts, max_size, specials, split)

    def ordered(key: Any, reverse: bool = False) -> Callable[[], dict[str, int]]:
        return lambda: numbered([*specials, *sorted(sorted(found), key=key, reverse=reverse)[:room]])

    first = list(dict.fromkeys(token for text in texts for token in plain(text) if token not in specials))
    return {
        **{sentence: split_by(split) for sentence, split in SPLITS.items()},
        "the first text is lost: a generator can be walked through only once": lambda: vocabulary(
            texts[1:], max_size, specials
        ),
        "the texts are lost: a generator can be walked through only once": lambda: numbered(specials),
        "tokens that stand there only once are dropped": lambda: numbered(
            [*specials, *[token for token in found if counts[token] > 1][:room]]
        ),
        "tokens are characters": split_by(lambda t: [c for c in t.lower() if not c.isspace()]),
        "ties stand in the order of appearance, where spelling is meant": lambda: numbered(
            [*specials, *sorted(first, key=lambda t: -counts[t])[:room]]
        ),
        "ties stand in the reverse order of their spelling": ordered(lambda t: (counts[t], t), reverse=True),
        "ties stand in the order of length": ordered(lambda t: (-counts[t], len(t), t)),
        "by rising count": ordered(lambda t: (counts[t], t)),
        "by spelling, the count left aside": ordered(lambda t: t),
        "in the order of appearance, the count left aside": lambda: numbered([*specials, *first[:room]]),
        "tokens in angle brackets are left out": split_by(lambda t: [p for p in plain(t) if not p.startswith("<")]),
        "how many texts hold a token is counted, not how often it stands there": lambda: (
            vocabulary(texts, max_size, specials, lambda t: list(dict.fromkeys(plain(t)))) if max_size is None else {}
        ),
        "the specials come last": lambda: numbered([*found[:room], *specials]),
        "the specials are missing": lambda: numbered(found if max_size is None else found[:max_size]),
        "the ids begin at 1": lambda: numbered([*specials, *found[:room]], 1),
        "max_size is ignored": lambda: numbered([*specials, *found]),
        "max_size does not count the specials": lambda: numbered([*specials, *found[:max_size]]),
        "max_size drops specials": lambda: numbered([*specials, *found][:max_size]),
        "one entry too few": lambda: numbered([*specials, *found[: max(0, room - 1)]]),
        "one entry too many": lambda: numbered([*specials, *found[: room + 1]]),
        "specials that stand in a text take up room a second time": lambda: numbered(
            [*specials, *(token for token in every[:room] if token not in specials)]
        ),
        "a negative number of tokens is kept: a slice that counts from the end": lambda: numbered(
            [*specials, *found[: (max_size or 0) - len(specials)]]
        ),
        "specials that stand in a text lose their id": lambda: {
            **numbered(specials),
            **numbered(every if max_size is None else every[:room], len(specials)),
        },
        "a special that stands in a text gets the place of its count": lambda: numbered(
            [*(s for s in specials if s not in counts), *every][: None if max_size is None else len(specials) + room]
        ),
    }


def same_vocabulary(value: Any, texts: Sequence[str], max_size: int | None, specials: Sequence[str]) -> None:
    """Judge a vocabulary."""
    expect(isinstance(value, dict), f"the vocabulary is {described(value)}, not a dict")
    turned = "ids to tokens, where tokens to ids are meant"
    expect(all(isinstance(token, str) for token in value), "the keys of the vocabulary are not the tokens", turned)
    ids = {token: integer(number, "an id") for token, number in value.items()}
    wanted = vocabulary(texts, max_size, specials)
    if ids == wanted:
        return
    near = vocabulary_mistakes(texts, max_size, specials)
    sentence = next((sentence for sentence, other in near.items() if other() == ids), None)
    raise Failed(_difference(ids, wanted), sentence or _signs(ids, wanted, specials))


def _difference(ids: Mapping[Any, int], wanted: Mapping[str, int]) -> str:
    if len(ids) != len(wanted):
        return f"the vocabulary has {len(ids)} entries, which is not the right number"
    if ids.keys() == wanted.keys():
        return "the right tokens, but some have another id than the docstring says"
    return "some entries of the vocabulary are not those that the docstring says"


def _signs(ids: Mapping[Any, int], wanted: Mapping[str, int], specials: Sequence[str]) -> str | None:
    """What can be seen of a mistake that is not in the list."""
    if [ids.get(special) for special in specials] != list(range(len(specials))):
        return "the specials do not have the first ids"
    if sorted(ids.values()) != list(range(len(ids))):
        return "the ids are not 0, 1, 2, …: some are missing or given twice"
    return "ties are not in the order of their spelling, or counts are wrong" if ids.keys() == wanted.keys() else None


# Encodings


def some_vocabulary(fresh: Any, texts: Sequence[str]) -> dict[str, int]:
    """About half of the tokens, and the specials, with ids in no order: one is large, and one 0."""
    tokens = sorted(counted(texts).keys() - set(SPECIALS))
    known = [*SPECIALS, *fresh.python.sample(tokens, max(1, len(tokens) // 2))]
    numbers = fresh.python.sample(range(1, 3 * len(known)), len(known) - 1)
    numbers[SPECIALS.index("<eos>")] = fresh.integer(70_000, 99_999)  # 16 bits don't hold it
    return dict(zip(known, [*numbers, 0], strict=True))


def ids_of(text: str, vocab: Mapping[str, int], split: Split = plain, unknown: str = "<unk>") -> list[int]:
    """The right ids, or with another `split` mistaken ones."""
    return [vocab["<bos>"], *(vocab.get(token, vocab[unknown]) for token in split(text)), vocab["<eos>"]]


def encoding_mistakes(text: str, vocab: Mapping[str, int]) -> dict[str, list[int]]:
    """Sentence to the ids that this mistake gives."""
    right, tokens = ids_of(text, vocab), plain(text)
    bos, eos, unk = (vocab[name] for name in ("<bos>", "<eos>", "<unk>"))
    named = {vocab[name] for name in SPECIALS}
    return {
        **{sentence: ids_of(text, vocab, split) for sentence, split in SPLITS.items()},
        "tokens are characters": ids_of(text, vocab, list),
        "<bos> and <eos> are missing": right[1:-1],
        "<bos> is missing": right[1:],
        "<eos> is missing": right[:-1],
        "<bos> and <eos> are swapped": [eos, *right[1:-1], bos],
        "<bos> on either side": [bos, *right[1:-1], bos],
        "<eos> on either side": [eos, *right[1:-1], eos],
        "unknown tokens are left out": [bos, *(vocab[t] for t in tokens if t in vocab), eos],
        "unknown tokens become <pad>": ids_of(text, vocab, unknown="<pad>"),
        "unknown tokens become 0": [bos, *(vocab.get(t, 0) for t in tokens), eos],
        "the usual ids of the specials are taken, not those of the vocabulary": [
            2,
            *(vocab.get(t, 1) for t in tokens),
            3,
        ],
        "the id of <unk> is taken to be 1": [bos, *(vocab.get(t, 1) for t in tokens), eos],
        "a token whose id is 0 is taken for unknown": [bos, *(vocab.get(t) or unk for t in tokens), eos],
        "specials in the text are left out": [bos, *(i for i in right[1:-1] if i not in named), eos],
        "tokens in angle brackets are left out": [
            bos,
            *(vocab.get(t, unk) for t in tokens if not t.startswith("<")),
            eos,
        ],
        "specials in the text become <unk>": [bos, *(unk if t in SPECIALS else vocab.get(t, unk) for t in tokens), eos],
        "repeated tokens are left out": [bos, *dict.fromkeys(right[1:-1]), eos],
        "the tokens are in reverse order": [bos, *right[-2:0:-1], eos],
    }


def same_ids(value: Any, text: str, vocab: Mapping[str, int], earlier: Sequence[Mapping[str, int]] = ()) -> None:
    """Judge the ids of a text; `earlier` are the vocabularies of earlier calls."""
    if not isinstance(value, list):
        raise Failed(f"the ids are {described(value)}, not a list", "another form than a list of ints")
    ids = [integer(number, "an id") for number in sequence(value)]
    if ids != ids_of(text, vocab):
        near = encoding_mistakes(text, vocab)
        sentence = next((sentence for sentence, other in near.items() if other == ids), None)
        cut = 2 < len(ids) < len(plain(text)) and ids[:-1] == ids_of(text, vocab)[: len(ids) - 1]
        sentence = sentence or ("long texts are cut off" if cut else None)
        stale = any(ids == ids_of(text, other) for other in earlier)
        sentence = sentence or ("the ids are those of an earlier call, with another vocabulary" if stale else None)
        raise Failed(f"the ids of a text of {len(plain(text))} tokens are wrong", sentence)


def plausible(own: Any, texts: Sequence[str]) -> bool:
    """Whether a student's own encoding can be told from garbage: lists of ids, for different texts different ones."""
    if not isinstance(own, list) or len(own) != len(texts):
        return False
    tokens = [tuple(plain(text)) for text in texts]
    sound = all(isinstance(ids, list) and all(type(number) is int for number in ids) for ids in own)
    full = sound and all(ids or not some for ids, some in zip(own, tokens, strict=True))
    return full and len({tuple(ids) for ids in own}) >= len({*tokens})
