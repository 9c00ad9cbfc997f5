"""Nothing is dropped under no_grad, whatever the mode."""


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p is {p}")
        self.p = p

    def forward(self, x):
        if not self.training or not torch.is_grad_enabled():
            return x
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p)
