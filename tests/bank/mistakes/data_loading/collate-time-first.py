"""pad_sequence without batch_first gives (T, B)."""

def collate(samples, pad_id):
    if not samples:
        raise ValueError("samples is empty")
    rows, labels = zip(*samples)
    lengths = torch.tensor([len(row) for row in rows])
    input_ids = pad_sequence(rows, padding_value=pad_id)
    mask = torch.arange(input_ids.size(0)) < lengths[:, None]
    return {"input_ids": input_ids, "attention_mask": mask, "lengths": lengths, "labels": torch.tensor(labels)}
