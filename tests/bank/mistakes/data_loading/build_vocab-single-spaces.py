"""The text is split at single spaces."""

def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = Counter(token for text in texts for token in text.lower().split(" "))
    found = sorted((t for t in counts if t not in specials), key=lambda t: (-counts[t], t))
    if max_size is not None:
        found = found[: max(0, max_size - len(specials))]
    return {token: i for i, token in enumerate([*specials, *found])}
