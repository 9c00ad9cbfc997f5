"""Buffers are counted, too."""

def count_parameters(model, trainable_only=False):
    return sum(p.numel() for p in [*model.parameters(), *model.buffers()] if p.requires_grad or not trainable_only)
