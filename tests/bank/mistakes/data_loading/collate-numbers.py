"""Single numbers come back, where the batch is promised."""


def collate(samples, pad_id):
    if not samples:
        raise ValueError("samples is empty")
    return {key: torch.tensor(0) for key in ("input_ids", "attention_mask", "lengths", "labels")}
