"""Takes a no-break space for a part of the token."""

import re


def encode(text, vocab):
    tokens = re.findall(r"[^ \t\n\r\f\v\u3000]+", text.lower())
    return [vocab["<bos>"], *(vocab.get(token, vocab["<unk>"]) for token in tokens), vocab["<eos>"]]
