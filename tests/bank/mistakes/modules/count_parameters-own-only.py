"""Only the module's own Parameters are counted, not those of its children."""

def count_parameters(model, trainable_only=False):
    return sum(p.numel() for p in model.parameters(recurse=False) if p.requires_grad or not trainable_only)
