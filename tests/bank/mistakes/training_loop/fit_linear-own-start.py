"""nn.Linear starts at random values instead of the given ones."""


def fit_linear(x, y, weight, bias, lr, epochs):
    model = nn.Linear(1, 1).to(x.dtype)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x.reshape(-1, 1)), y.reshape(-1, 1))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model.weight.item(), model.bias.item(), losses
