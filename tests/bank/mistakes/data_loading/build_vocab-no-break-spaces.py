"""Takes a no-break space for a part of the token."""

import re


def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = Counter(token for text in texts for token in re.findall(r"[^ \t\n\r\f\v\u3000]+", text.lower()))
    found = sorted(counts.keys() - set(specials), key=lambda token: (-counts[token], token))
    room = len(found) if max_size is None else max(0, max_size - len(specials))
    return {token: number for number, token in enumerate([*specials, *found[:room]])}
