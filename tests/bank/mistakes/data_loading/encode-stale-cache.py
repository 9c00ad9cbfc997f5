"""Remembers ids by the text and the identity of the vocabulary: one that has changed since gives the old ids."""

_seen_texts = {}


def encode(text, vocab):
    key = (text, id(vocab))
    if key not in _seen_texts:
        ids = tuple(vocab.get(token, vocab["<unk>"]) for token in text.lower().split())
        _seen_texts[key] = (vocab["<bos>"], *ids, vocab["<eos>"])
    return list(_seen_texts[key])
