"""Lower-cases character by character, so that a sigma at the end of a word is another one."""


def encode(text, vocab):
    tokens = "".join(character.lower() for character in text).split()
    return [vocab["<bos>"], *(vocab.get(token, vocab["<unk>"]) for token in tokens), vocab["<eos>"]]
