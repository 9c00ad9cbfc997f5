"""Empty texts make the batch one of floats."""

def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    width = max(map(len, tokens)) + 1
    inputs = torch.full((len(tokens), width), float(pad_id))
    labels = torch.full((len(tokens), width), float(pad_id))
    for row, text in enumerate(tokens):
        inputs[row, : len(text) + 1] = torch.tensor([bos_id, *text])
        labels[row, : len(text) + 1] = torch.tensor([*text, eos_id])
    return inputs, labels
