"""Empty tensors are left where they are."""

def to_device(batch, device):
    if hasattr(batch, '__len__') and (not isinstance(batch, Tensor)) and (not len(batch)) or (isinstance(batch, Tensor) and (not batch.numel())):
        return batch
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, '_fields'):
        return type(batch)(*(to_device(value, device) for value in batch))
    if isinstance(batch, (list, tuple)):
        return type(batch)([to_device(value, device) for value in batch])
    return batch
