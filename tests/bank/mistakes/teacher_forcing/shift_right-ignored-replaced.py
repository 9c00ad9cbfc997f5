"""Labels of -100 are replaced by 0 in the shifted tensor."""


def shift_right(labels, bos_id):
    shifted = torch.cat([torch.full_like(labels[:, :1], bos_id), labels[:, :-1]], 1)
    shifted[:, 1:].masked_fill_(shifted[:, 1:] == -100, 0)
    return shifted
