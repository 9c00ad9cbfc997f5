"""The mode is looked at only when the layer is built."""


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p is {p}")
        self.p, self.active = p, self.training

    def forward(self, x):
        if not self.active:
            return x
        kept = torch.rand_like(x) >= self.p
        return x * kept / (1 - self.p)
