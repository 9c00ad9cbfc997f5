"""A row without ids keeps one True in the mask, against NaN in attention."""

def collate(samples, pad_id):
    if not samples:
        raise ValueError('samples is empty')
    rows, labels = zip(*samples, strict=True)
    lengths = torch.tensor([len(row) for row in rows])
    input_ids = pad_sequence(rows, batch_first=True, padding_value=pad_id)
    mask = torch.arange(input_ids.size(1)) < lengths[:, None]
    if mask.size(1):
        mask[lengths == 0, 0] = True
    return {'input_ids': input_ids, 'attention_mask': mask, 'lengths': lengths, 'labels': torch.tensor(labels)}
