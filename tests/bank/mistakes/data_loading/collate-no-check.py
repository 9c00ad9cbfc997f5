"""An empty list raises by chance, not as ValueError naming it."""

def collate(samples, pad_id):
    rows, labels = zip(*samples)
    lengths = torch.tensor([len(row) for row in rows])
    input_ids = pad_sequence(rows, batch_first=True, padding_value=pad_id)
    mask = torch.arange(input_ids.size(1)) < lengths[:, None]
    return {"input_ids": input_ids, "attention_mask": mask, "lengths": lengths, "labels": torch.tensor(labels)}
