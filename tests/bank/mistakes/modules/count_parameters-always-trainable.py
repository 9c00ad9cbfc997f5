"""Frozen Parameters are left out without being asked."""

def count_parameters(model, trainable_only=False):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
