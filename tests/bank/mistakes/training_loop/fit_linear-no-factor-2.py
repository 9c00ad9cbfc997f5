"""The factor 2 of the gradient is left out."""


def fit_linear(x, y, weight, bias, lr, epochs):
    losses = []
    for _ in range(epochs):
        r = weight * x + bias - y
        losses.append(r.square().mean().item())
        dw, db = (r * x).mean().item(), r.mean().item()
        weight, bias = weight - lr * dw, bias - lr * db
    return weight, bias, losses
