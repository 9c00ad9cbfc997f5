"""Tensors are counted, not the numbers in them."""

def count_parameters(model, trainable_only=False):
    return len([p for p in model.parameters() if p.requires_grad or not trainable_only])
