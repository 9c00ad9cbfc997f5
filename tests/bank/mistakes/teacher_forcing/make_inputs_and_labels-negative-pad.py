"""A negative pad_id becomes 0."""


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    size = (len(tokens), max(map(len, tokens)) + 1)
    inputs, labels = (torch.full(size, max(pad_id, 0)) for _ in range(2))
    for row, text in enumerate(tokens):
        inputs[row, : len(text) + 1] = torch.tensor([bos_id, *text])
        labels[row, : len(text) + 1] = torch.tensor([*text, eos_id])
    return inputs, labels
