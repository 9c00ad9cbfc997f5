"""Parameters are told apart by their memory, so that two on the same memory count as one."""


def count_parameters(model, trainable_only=False):
    sizes = {p.data_ptr(): p.numel() for p in model.parameters() if p.requires_grad or not trainable_only}
    return sum(sizes.values())
