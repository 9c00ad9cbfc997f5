"""A list of np.int64."""

def encode(text, vocab):
    import numpy as np
    ids = [vocab['<bos>'], *(vocab.get(token, vocab['<unk>']) for token in _tokens(text)), vocab['<eos>']]
    return list(np.array(ids, dtype=np.int64))
