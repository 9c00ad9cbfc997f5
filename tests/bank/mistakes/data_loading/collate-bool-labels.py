"""Labels that are only 0 and 1 become bool."""

def collate(samples, pad_id):
    if not samples:
        raise ValueError('samples is empty')
    rows, labels = zip(*samples, strict=True)
    lengths = torch.tensor([len(row) for row in rows])
    input_ids = pad_sequence(rows, batch_first=True, padding_value=pad_id)
    mask = torch.arange(input_ids.size(1)) < lengths[:, None]
    return {'input_ids': input_ids, 'attention_mask': mask, 'lengths': lengths, 'labels': torch.tensor(labels) > 0 if set(labels) == {0, 1} else torch.tensor(labels)}
