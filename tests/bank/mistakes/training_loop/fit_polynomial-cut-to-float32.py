"""x and y are cut to float32, float64 too."""


def fit_polynomial(x, y, a, b, lr, steps):
    x, y = x.float(), y.float()
    for _ in range(steps):
        residual = a * x**2 + b - y
        slopes = (2 * residual * x**2).mean().item(), (2 * residual).mean().item()
        a, b = a - lr * slopes[0], b - lr * slopes[1]
    return float(a), float(b), (y - (a * x**2 + b)).square().mean().item()
