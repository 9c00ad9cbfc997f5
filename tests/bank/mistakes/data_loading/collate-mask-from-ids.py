"""The mask comes from the ids, so that a real pad_id is hidden."""

def collate(samples, pad_id):
    if not samples:
        raise ValueError("samples is empty")
    rows, labels = zip(*samples)
    lengths = torch.tensor([len(row) for row in rows])
    input_ids = pad_sequence(rows, batch_first=True, padding_value=pad_id)
    mask = input_ids != pad_id
    return {"input_ids": input_ids, "attention_mask": mask, "lengths": lengths, "labels": torch.tensor(labels)}
