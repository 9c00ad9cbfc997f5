"""Shifted to the left: each step is fed the token after the next."""

def shift_right(labels, bos_id):
    return torch.cat([labels[:, 1:], torch.full_like(labels[:, :1], bos_id)], 1)
