"""A special that stands in a text gets a second id."""

def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = Counter(token for text in texts for token in text.lower().split())
    found = sorted(counts, key=lambda t: (-counts[t], t))
    if max_size is not None:
        found = found[: max(0, max_size - len(specials))]
    return {token: i for i, token in enumerate([*specials, *found])}
