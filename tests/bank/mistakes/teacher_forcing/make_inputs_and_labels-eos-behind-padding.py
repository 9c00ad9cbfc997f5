"""eos stands in the last column of all rows."""

def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    width = max(map(len, tokens)) + 1
    inputs = torch.full((len(tokens), width), pad_id)
    labels = torch.full((len(tokens), width), pad_id)
    for row, text in enumerate(tokens):
        fed, due = [bos_id, *text], [*text, *[pad_id] * (width - 1 - len(text)), eos_id]
        inputs[row, : len(fed)] = torch.tensor(fed, dtype=torch.long)
        labels[row, : len(due)] = torch.tensor(due, dtype=torch.long)
    return inputs, labels
