"""A named tuple becomes a tuple."""

def to_device(batch, device):
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return [to_device(v, device) for v in batch] if isinstance(batch, list) else tuple(to_device(v, device) for v in batch)
    return batch
