"""The loss behind the last update is in the list, too."""


def fit_linear(x, y, weight, bias, lr, epochs):
    losses = []
    for _ in range(epochs):
        r = weight * x + bias - y
        losses.append(r.square().mean().item())
        dw, db = (2 * r * x).mean().item(), (2 * r).mean().item()
        weight, bias = weight - lr * dw, bias - lr * db
    losses.append((weight * x + bias - y).square().mean().item())
    return weight, bias, losses
