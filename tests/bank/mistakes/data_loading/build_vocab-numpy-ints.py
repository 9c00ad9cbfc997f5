"""Ids come out of np.arange as np.int64."""

def build_vocab(texts, max_size=None, specials=('<pad>', '<unk>', '<bos>', '<eos>')):
    counts = Counter((token for text in texts for token in _tokens(text)))
    found = sorted(counts.keys() - set(specials), key=lambda token: (-counts[token], token))
    import numpy as np
    room = len(found) if max_size is None else max(0, max_size - len(specials))
    names = [*specials, *found[:room]]
    return dict(zip(names, np.arange(len(names))))
