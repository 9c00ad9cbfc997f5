"""Each step is a call in a call, which Python gives up after about a thousand."""


def fit_polynomial(x, y, a, b, lr, steps):
    residual = a * x**2 + b - y
    if steps == 0:
        return float(a), float(b), residual.square().mean().item()
    a_gradient, b_gradient = (2 * residual * x**2).mean().item(), (2 * residual).mean().item()
    return fit_polynomial(x, y, a - lr * a_gradient, b - lr * b_gradient, lr, steps - 1)
