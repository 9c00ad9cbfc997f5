"""eos is appended to the lists that were given."""

def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    for text in tokens:
        text.append(eos_id)
    width = max(map(len, tokens))
    inputs = torch.tensor([[bos_id, *text[:-1], *[pad_id] * (width - len(text))] for text in tokens])
    labels = torch.tensor([[*text, *[pad_id] * (width - len(text))] for text in tokens])
    return inputs, labels
