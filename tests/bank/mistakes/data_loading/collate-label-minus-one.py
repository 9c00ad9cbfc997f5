"""A label of -1 is taken for one that is to be ignored, -100."""

def collate(samples, pad_id):
    if not samples:
        raise ValueError('samples is empty')
    rows, labels = zip(*samples, strict=True)
    lengths = torch.tensor([len(row) for row in rows])
    input_ids = pad_sequence(rows, batch_first=True, padding_value=pad_id)
    mask = torch.arange(input_ids.size(1)) < lengths[:, None]
    return {'input_ids': input_ids, 'attention_mask': mask, 'lengths': lengths, 'labels': torch.tensor([-100 if label == -1 else label for label in labels])}
