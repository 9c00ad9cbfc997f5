"""The texts are walked through twice, which a generator does not allow."""

def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    tokens = {token for text in texts for token in text.lower().split()} - set(specials)
    counts = Counter(token for text in texts for token in text.lower().split())
    found = sorted(tokens, key=lambda t: (-counts[t], t))
    if max_size is not None:
        found = found[: max(0, max_size - len(specials))]
    return {token: i for i, token in enumerate([*specials, *found])}
