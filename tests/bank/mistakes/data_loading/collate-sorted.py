"""The rows are sorted by length, as packing once asked for."""

def collate(samples, pad_id):
    if not samples:
        raise ValueError("samples is empty")
    samples = sorted(samples, key=lambda sample: -len(sample[0]))
    rows, labels = zip(*samples)
    lengths = torch.tensor([len(row) for row in rows])
    input_ids = pad_sequence(rows, batch_first=True, padding_value=pad_id)
    mask = torch.arange(input_ids.size(1)) < lengths[:, None]
    return {"input_ids": input_ids, "attention_mask": mask, "lengths": lengths, "labels": torch.tensor(labels)}
