"""Texts are normalized (NFKC) before they are split."""

def build_vocab(texts, max_size=None, specials=('<pad>', '<unk>', '<bos>', '<eos>')):
    import unicodedata
    counts = Counter((token for text in texts for token in unicodedata.normalize('NFKC', text.lower()).split()))
    found = sorted(counts.keys() - set(specials), key=lambda token: (-counts[token], token))
    room = len(found) if max_size is None else max(0, max_size - len(specials))
    return {token: number for number, token in enumerate([*specials, *found[:room]])}
