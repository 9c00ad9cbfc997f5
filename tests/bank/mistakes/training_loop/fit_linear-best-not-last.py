"""The best numbers on the way are returned, not the last ones."""


def fit_linear(x, y, weight, bias, lr, epochs):
    losses, best = [], (weight, bias)
    for _ in range(epochs):
        r = weight * x + bias - y
        losses.append(r.square().mean().item())
        if losses[-1] == min(losses):
            best = (weight, bias)
        weight, bias = weight - lr * (2 * r * x).mean().item(), bias - lr * (2 * r).mean().item()
    if not losses or (weight * x + bias - y).square().mean().item() < min(losses):
        best = (weight, bias)
    return float(best[0]), float(best[1]), losses
