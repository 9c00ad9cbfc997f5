"""A Parameter in several places counts several times."""

def count_parameters(model, trainable_only=False):
    return sum(p.numel() for _, p in model.named_parameters(remove_duplicate=False) if p.requires_grad or not trainable_only)
