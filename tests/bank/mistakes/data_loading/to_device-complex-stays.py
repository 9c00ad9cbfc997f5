"""Complex tensors and those of bfloat16 stay where they are."""


def to_device(batch, device):
    if isinstance(batch, Tensor):
        return batch if batch.dtype in (torch.complex64, torch.bfloat16) else batch.to(device)
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(to_device(value, device) for value in batch))
    if isinstance(batch, (list, tuple)):
        return type(batch)([to_device(value, device) for value in batch])
    return batch
