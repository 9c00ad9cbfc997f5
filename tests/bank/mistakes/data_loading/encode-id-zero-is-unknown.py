"""`or` takes the id 0 for a token that is missing."""

def encode(text, vocab):
    ids = [vocab.get(token) or vocab["<unk>"] for token in text.lower().split()]
    return [vocab["<bos>"], *ids, vocab["<eos>"]]
