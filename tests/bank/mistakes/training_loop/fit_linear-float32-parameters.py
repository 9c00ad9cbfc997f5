"""Weight and bias are kept in float32 also where the points are float64."""


def fit_linear(x, y, weight, bias, lr, epochs):
    w = torch.tensor(float(weight), dtype=torch.float32, device=x.device, requires_grad=True)
    b = torch.tensor(float(bias), dtype=torch.float32, device=x.device, requires_grad=True)
    losses = []
    for _ in range(epochs):
        loss = (w * x + b - y).pow(2).mean()
        w_gradient, b_gradient = torch.autograd.grad(loss, (w, b))
        with torch.no_grad():
            w -= lr * w_gradient
            b -= lr * b_gradient
        losses.append(loss.item())
    return w.item(), b.item(), losses
