"""The masks are kept in a dict: what one caller writes shows in the next one's."""


_MASKS = {}


def causal_mask(n, device="cpu"):
    key = (n, str(device))
    if key not in _MASKS:
        position = torch.arange(n, device=device)
        _MASKS[key] = position[None, :] <= position[:, None]
    return _MASKS[key]
