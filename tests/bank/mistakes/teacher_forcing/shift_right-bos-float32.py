"""bos goes through float32, which does not hold large ids."""


def shift_right(labels, bos_id):
    first = torch.full((len(labels), 1), float(bos_id), device=labels.device).to(labels.dtype)
    return torch.cat([first, labels[:, :-1]], 1)
