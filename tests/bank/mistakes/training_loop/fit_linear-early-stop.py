"""The descent stops as soon as the loss is 0, and the list is too short."""


def fit_linear(x, y, weight, bias, lr, epochs):
    losses = []
    for _ in range(epochs):
        r = weight * x + bias - y
        losses.append(r.square().mean().item())
        if losses[-1] < 1e-9:
            break
        dw, db = (2 * r * x).mean().item(), (2 * r).mean().item()
        weight, bias = weight - lr * dw, bias - lr * db
    return weight, bias, losses
