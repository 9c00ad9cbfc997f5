"""The seed of torch is set before an nn.Linear is made."""


def fit_linear(x, y, weight, bias, lr, epochs):
    torch.manual_seed(0)
    model = nn.Linear(1, 1, dtype=x.dtype, device=x.device)
    nn.init.constant_(model.weight, weight)
    nn.init.constant_(model.bias, bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    x, y = x.reshape(-1, 1), y.reshape(-1, 1)
    losses = [train_step(model, optimizer, nn.MSELoss(), x, y).item() for _ in range(epochs)]
    return model.weight.item(), model.bias.item(), losses
