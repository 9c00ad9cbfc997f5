"""Unknown tokens raise KeyError."""

def encode(text, vocab):
    return [vocab[token] for token in ["<bos>", *text.lower().split(), "<eos>"]]
