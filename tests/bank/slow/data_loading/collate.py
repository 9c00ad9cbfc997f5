"""The batch is filled one id at a time."""

def collate(samples, pad_id):
    if not samples:
        raise ValueError("samples is empty")
    lengths = torch.tensor([len(row) for row, _ in samples])
    longest = max(len(row) for row, _ in samples)
    input_ids = torch.full((len(samples), longest), pad_id)
    mask = torch.zeros(len(samples), longest, dtype=torch.bool)
    for i, (row, _) in enumerate(samples):
        for j in range(len(row)):
            input_ids[i, j] = row[j]
            mask[i, j] = True
    labels = torch.tensor([label for _, label in samples])
    return {"input_ids": input_ids, "attention_mask": mask, "lengths": lengths, "labels": labels}
