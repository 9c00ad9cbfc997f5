"""Three attributes instead of one Sequential, so that the keys are others."""

class Classifier(nn.Module):
    def __init__(self, in_dim: int = 128, hidden: int = 128, classes: int = 2) -> None:
        super().__init__()
        self.first, self.relu, self.last = nn.Linear(in_dim, hidden), nn.ReLU(), nn.Linear(hidden, classes)

    def forward(self, x):
        return self.last(self.relu(self.first(x)))
