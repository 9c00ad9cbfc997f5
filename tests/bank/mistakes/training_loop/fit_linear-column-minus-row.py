"""Outputs (N, 1) and targets (N,) are broadcast to (N, N)."""


def fit_linear(x, y, weight, bias, lr, epochs):
    x = x.reshape(-1, 1)
    y = y.reshape(-1)
    losses = []
    for _ in range(epochs):
        r = weight * x + bias - y
        losses.append(r.square().mean().item())
        dw, db = (2 * r * x).mean().item(), (2 * r).mean().item()
        weight, bias = weight - lr * dw, bias - lr * db
    return weight, bias, losses
