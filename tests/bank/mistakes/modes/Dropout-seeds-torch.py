"""Seeds torch with the number of the call, so that every layer and every run draws the same masks."""

class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p is {p}")
        self.p, self.calls = p, 0

    def forward(self, x):
        if not self.training:
            return x
        self.calls += 1
        torch.manual_seed(self.calls)
        kept = torch.rand_like(x) >= self.p
        return x * kept / (1 - self.p)
