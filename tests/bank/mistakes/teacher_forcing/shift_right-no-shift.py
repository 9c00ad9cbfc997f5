"""The labels are fed as they are."""

def shift_right(labels, bos_id):
    return labels.clone()
