"""Only the weights of Linear layers are counted."""

def count_parameters(model, trainable_only=False):
    return sum(m.weight.numel() for m in model.modules() if isinstance(m, nn.Linear) and (m.weight.requires_grad or not trainable_only))
