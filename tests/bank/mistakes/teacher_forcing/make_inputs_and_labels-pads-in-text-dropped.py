"""Inputs are the labels shifted, and eos in them is overwritten, also where the text holds it."""

def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    width = max(map(len, tokens)) + 1
    labels = torch.tensor([[*text, eos_id, *[pad_id] * (width - 1 - len(text))] for text in tokens])
    inputs = labels.roll(1, 1)
    inputs[inputs == eos_id] = pad_id
    inputs[:, 0] = bos_id
    return inputs, labels
