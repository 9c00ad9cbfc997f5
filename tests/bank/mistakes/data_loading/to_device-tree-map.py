"""PyTorch's tree_map takes a dict of one's own for a leaf."""

def to_device(batch, device):
    from torch.utils._pytree import tree_map_only
    return tree_map_only(Tensor, lambda tensor: tensor.to(device), batch)
