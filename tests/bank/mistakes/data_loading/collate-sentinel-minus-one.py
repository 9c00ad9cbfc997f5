"""Fills up with -1 first and takes every -1 for padding, so a real id of -1 is masked out and overwritten."""


def collate(samples, pad_id):
    if len(samples) == 0:
        raise ValueError("samples is empty")
    rows = [ids for ids, _ in samples]
    filled = pad_sequence(rows, batch_first=True, padding_value=-1)
    mask = filled != -1
    return {
        "input_ids": filled.masked_fill(~mask, pad_id),
        "attention_mask": mask,
        "lengths": torch.tensor([len(ids) for ids in rows]),
        "labels": torch.tensor([label for _, label in samples]),
    }
