"""The labels end without eos."""

def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    width = max(map(len, tokens)) + 1
    inputs = torch.full((len(tokens), width), pad_id)
    labels = torch.full((len(tokens), width), pad_id)
    for row, text in enumerate(tokens):
        fed, due = [bos_id, *text], [*text]
        inputs[row, : len(fed)] = torch.tensor(fed, dtype=torch.long)
        labels[row, : len(due)] = torch.tensor(due, dtype=torch.long)
    return inputs, labels
