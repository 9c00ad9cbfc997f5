"""A fixed share of the entries is dropped, by a permutation."""


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p is {p}")
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        order = torch.randperm(x.numel(), device=x.device).reshape(x.shape)
        kept = order >= round(self.p * x.numel())
        return x * kept / (1 - self.p)
