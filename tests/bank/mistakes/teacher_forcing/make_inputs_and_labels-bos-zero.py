"""A bos_id of 0 is taken for none: eos begins the inputs."""


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    size = (len(tokens), max(map(len, tokens)) + 1)
    inputs, labels = (torch.full(size, pad_id) for _ in range(2))
    for row, text in enumerate(tokens):
        inputs[row, : len(text) + 1] = torch.tensor([bos_id or eos_id, *text])
        labels[row, : len(text) + 1] = torch.tensor([*text, eos_id])
    return inputs, labels
