"""Draws whole numbers below 256, in which a small p is 0."""

class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p is {p}")
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        kept = torch.randint(0, 256, x.shape, device=x.device) >= int(self.p * 256)
        return x * kept / (1 - self.p)
