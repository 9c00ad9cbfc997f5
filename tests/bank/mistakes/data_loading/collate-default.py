"""The default collate stacks, which rows of different lengths do not allow."""

def collate(samples, pad_id):
    if not samples:
        raise ValueError("samples is empty")
    rows, labels = torch.utils.data.default_collate(samples)
    lengths = torch.full((len(rows),), rows.size(1))
    return {"input_ids": rows, "attention_mask": torch.ones_like(rows).bool(), "lengths": lengths, "labels": labels}
