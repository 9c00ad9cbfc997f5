"""Each mask is a slice of one large table: they share its memory, and none can be larger."""


_MASK = torch.ones(512, 512, dtype=torch.bool).tril()


def causal_mask(n, device="cpu"):
    return _MASK[:n, :n].to(device)
