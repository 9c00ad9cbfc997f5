"""Every 0 is taken for padding, so that an id 0 in a text is lost."""


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    size = (len(tokens), max(map(len, tokens)) + 1)
    inputs, labels = torch.zeros(size).long(), torch.zeros(size).long()
    for row, text in enumerate(tokens):
        inputs[row, : len(text) + 1] = torch.tensor([bos_id, *text])
        labels[row, : len(text) + 1] = torch.tensor([*text, eos_id])
    return inputs.masked_fill(inputs == 0, pad_id), labels.masked_fill(labels == 0, pad_id)
