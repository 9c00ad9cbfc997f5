"""The count freezes the model on the way."""

def count_parameters(model, trainable_only=False):
    total = sum(p.numel() for p in model.parameters() if p.requires_grad or not trainable_only)
    model.requires_grad_(False)
    return total
