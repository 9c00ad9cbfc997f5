"""Lengths are taken after filling up."""

def collate(samples, pad_id):
    if not samples:
        raise ValueError("samples is empty")
    rows, labels = zip(*samples)
    input_ids = pad_sequence(rows, batch_first=True, padding_value=pad_id)
    lengths = torch.tensor([len(row) for row in input_ids])
    mask = torch.arange(input_ids.size(1)) < lengths[:, None]
    return {"input_ids": input_ids, "attention_mask": mask, "lengths": lengths, "labels": torch.tensor(labels)}
