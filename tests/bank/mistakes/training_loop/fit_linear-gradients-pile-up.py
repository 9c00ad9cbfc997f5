"""The gradients of all epochs pile up."""


def fit_linear(x, y, weight, bias, lr, epochs):
    w = torch.tensor(weight, requires_grad=True)
    b = torch.tensor(bias, requires_grad=True)
    losses = []
    for _ in range(epochs):
        loss = (w * x + b - y).square().mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        losses.append(loss.item())
    return w.item(), b.item(), losses
