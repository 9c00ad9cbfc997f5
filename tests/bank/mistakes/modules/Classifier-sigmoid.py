"""A sigmoid where ReLU is meant."""

class Classifier(nn.Module):
    def __init__(self, in_dim: int = 128, hidden: int = 128, classes: int = 2) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(in_dim, hidden), nn.Sigmoid(), nn.Linear(hidden, classes))

    def forward(self, x):
        return self.layers(x)
