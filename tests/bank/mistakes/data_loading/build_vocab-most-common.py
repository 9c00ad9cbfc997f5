"""Counter.most_common leaves ties in the order of appearance."""

def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = Counter(token for text in texts for token in text.lower().split())
    for special in specials:
        counts.pop(special, None)
    room = None if max_size is None else max(0, max_size - len(specials))
    return {token: i for i, token in enumerate([*specials, *(t for t, _ in counts.most_common(room))])}
