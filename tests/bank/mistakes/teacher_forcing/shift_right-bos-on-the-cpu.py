"""The column of bos is made on the CPU, wherever the labels are."""

def shift_right(labels, bos_id):
    begin = torch.full((len(labels), 1), bos_id, dtype=labels.dtype)
    return torch.cat([begin, labels[:, :-1]], 1)
