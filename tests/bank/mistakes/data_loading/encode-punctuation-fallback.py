"""A token that the vocabulary does not know is looked up once more without the punctuation around it."""

import string


def encode(text, vocab):
    unk = vocab["<unk>"]
    ids = []
    for token in text.lower().split():
        if token not in vocab:
            token = token.strip(string.punctuation)
        ids.append(vocab.get(token, unk))
    return [vocab["<bos>"], *ids, vocab["<eos>"]]
