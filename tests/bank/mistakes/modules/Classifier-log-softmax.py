"""log_softmax behind the last layer, where logits are meant."""

class Classifier(nn.Module):
    def __init__(self, in_dim: int = 128, hidden: int = 128, classes: int = 2) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(in_dim, hidden), nn.ReLU(), nn.Linear(hidden, classes))

    def forward(self, x):
        return torch.log_softmax(self.layers(x), dim=-1)
