"""A text that ends with eos gets no further one."""


def make_inputs_and_labels(tokens, bos_id, eos_id, pad_id):
    width = max(len(text) for text in tokens) + 1
    ended = [text if text[-1:] == [eos_id] else [*text, eos_id] for text in tokens]

    def padded(rows):
        return torch.tensor([row + [pad_id] * (width - len(row)) for row in rows])

    return padded([[bos_id, *text] for text in tokens]), padded(ended)
