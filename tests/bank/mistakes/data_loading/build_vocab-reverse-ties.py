"""Sorted by (count, token) in reverse, so that ties stand in the reverse order of their spelling."""

def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = Counter(token for text in texts for token in text.lower().split())
    found = [t for _, t in sorted(((n, t) for t, n in counts.items() if t not in specials), reverse=True)]
    if max_size is not None:
        found = found[: max(0, max_size - len(specials))]
    return {token: i for i, token in enumerate([*specials, *found])}
