"""The loss variable of the loop is returned, which there is none of without a step."""


def fit_polynomial(x, y, a, b, lr, steps):
    for _ in range(steps):
        r = a * x**2 + b - y
        a, b = a - lr * (2 * r * x**2).mean().item(), b - lr * (2 * r).mean().item()
        loss = (a * x**2 + b - y).square().mean().item()
    return float(a), float(b), loss
