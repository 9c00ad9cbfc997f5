"""max_size does not count the specials."""

def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = Counter(token for text in texts for token in text.lower().split())
    found = sorted((t for t in counts if t not in specials), key=lambda t: (-counts[t], t))[:max_size]
    return {token: i for i, token in enumerate([*specials, *found])}
