"""The padding goes through float32, which holds ints up to 2**24 only."""


def collate(samples, pad_id):
    if not samples:
        raise ValueError("samples is empty")
    lengths = torch.tensor([len(ids) for ids, _ in samples])
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    padding = torch.full(mask.shape, float(pad_id))
    ids = torch.cat([ids for ids, _ in samples])
    input_ids = torch.where(mask, torch.zeros_like(mask, dtype=torch.long).masked_scatter(mask, ids), padding.long())
    labels = torch.tensor([label for _, label in samples])
    return {"input_ids": input_ids, "attention_mask": mask, "lengths": lengths, "labels": labels}
