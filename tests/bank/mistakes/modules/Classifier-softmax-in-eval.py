"""Softmax behind the last layer in eval mode, where probabilities are wanted."""


class Classifier(nn.Module):
    def __init__(self, in_dim: int = 128, hidden: int = 128, classes: int = 2) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(in_dim, hidden), nn.ReLU(), nn.Linear(hidden, classes))

    def forward(self, x):
        logits = self.layers(x)
        return logits if self.training else logits.softmax(dim=-1)
