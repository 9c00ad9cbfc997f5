"""The counts are kept for each model, which may be frozen or extended afterwards."""

import functools


@functools.lru_cache(maxsize=None)
def count_parameters(model: nn.Module, trainable_only: bool = False) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad or not trainable_only)
