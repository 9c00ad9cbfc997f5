"""lru_cache gives the same tensor each time: what one caller writes shows in the next one's."""

import functools


@functools.lru_cache(maxsize=None)
def band(n, width, device="cpu"):
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
