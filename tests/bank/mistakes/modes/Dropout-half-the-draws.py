"""The mask of the first half of the rows serves the second half, too."""


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p is {p}")
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        kept = torch.rand_like(x) >= self.p
        if x.dim() > 1 and len(x) > 3:
            kept = torch.cat([kept[: (len(x) + 1) // 2], kept[: len(x) // 2]])
        return x * kept / (1 - self.p)
