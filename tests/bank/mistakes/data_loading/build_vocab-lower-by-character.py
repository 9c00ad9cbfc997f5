"""Lower-cases character by character, so that a sigma at the end of a word is another one."""


def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = Counter(token for text in texts for token in "".join(c.lower() for c in text).split())
    found = sorted(counts.keys() - set(specials), key=lambda token: (-counts[token], token))
    room = len(found) if max_size is None else max(0, max_size - len(specials))
    return {token: number for number, token in enumerate([*specials, *found[:room]])}
