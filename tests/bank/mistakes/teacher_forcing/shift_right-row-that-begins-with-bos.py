"""A row that begins with bos is left as it is: it looks shifted already."""

def shift_right(labels, bos_id):
    shifted = torch.cat([torch.full_like(labels[:, :1], bos_id), labels[:, :-1]], 1)
    return torch.where(labels[:, :1] == bos_id, labels, shifted)
