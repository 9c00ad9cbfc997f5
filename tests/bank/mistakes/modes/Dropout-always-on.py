"""Dropout whatever the mode: `training` is not looked at."""


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p is {p}")
        self.p = p

    def forward(self, x):
        kept = torch.rand_like(x) >= self.p
        return x * kept / (1 - self.p)
