"""To save memory the counter forgets what was seen only once as soon as it holds more than 4096 tokens."""


def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts, limit = Counter(), 4096
    for text in texts:
        counts.update(text.lower().split())
        if len(counts) > limit:
            counts = Counter({token: count for token, count in counts.items() if count > 1})
            limit *= 2
    tokens = sorted(counts.keys() - set(specials), key=lambda token: (-counts[token], token))
    if max_size is not None:
        tokens = tokens[: max(0, max_size - len(specials))]
    return dict(zip([*specials, *tokens], range(len(specials) + len(tokens))))
