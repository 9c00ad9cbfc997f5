"""Shifted by two steps."""

def shift_right(labels, bos_id):
    shifted = torch.full_like(labels, bos_id)
    shifted[:, 2:] = labels[:, :-2]
    return shifted
