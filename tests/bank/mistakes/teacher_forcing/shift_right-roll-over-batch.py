"""Rolled over the flat batch, and bos only in the first row."""

def shift_right(labels, bos_id):
    shifted = labels.roll(1)
    shifted[0, 0] = bos_id
    return shifted
