"""The functional ReLU leaves no place in the Sequential: the last layer is layers.1."""

class Classifier(nn.Module):
    def __init__(self, in_dim: int = 128, hidden: int = 128, classes: int = 2) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(in_dim, hidden), nn.Linear(hidden, classes))

    def forward(self, x):
        return self.layers[1](torch.relu(self.layers[0](x)))
