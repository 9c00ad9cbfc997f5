"""Long texts are cut to 512 ids."""

def encode(text, vocab):
    return _encode(text, vocab)[:512]
