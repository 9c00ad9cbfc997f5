"""Unknown tokens are left out."""

def encode(text, vocab):
    return [vocab["<bos>"], *(vocab[token] for token in text.lower().split() if token in vocab), vocab["<eos>"]]
