"""The descent ends where both gradients are below 1e-6, as those of small numbers are from the start."""


def fit_polynomial(x, y, a, b, lr, steps):
    for _ in range(steps):
        residual = a * x**2 + b - y
        a_gradient, b_gradient = (2 * residual * x**2).mean().item(), (2 * residual).mean().item()
        if abs(a_gradient) < 1e-6 and abs(b_gradient) < 1e-6:
            break
        a, b = a - lr * a_gradient, b - lr * b_gradient
    return float(a), float(b), (y - (a * x**2 + b)).square().mean().item()
