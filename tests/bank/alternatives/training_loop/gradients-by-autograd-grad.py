"""torch.autograd.grad and .grad set by hand; sums scaled in the end; .data."""


def _trained(model):
    return [p for p in model.parameters() if p.requires_grad]


def train_step(model, optimizer, loss_fn, inputs, targets):
    parameters = _trained(model)
    loss = loss_fn(model(inputs), targets)
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()
    return loss.data


def fit_linear(x, y, weight, bias, lr, epochs):
    theta = torch.tensor([weight, bias], dtype=torch.float64)
    X = torch.stack([x.reshape(-1), torch.ones_like(x.reshape(-1))], dim=1).double()
    Y = y.reshape(-1).double()
    losses = []
    for _ in range(epochs):
        error = X @ theta - Y
        losses.append(float(error @ error / len(Y)))
        theta -= lr * 2 / len(Y) * X.T @ error
    w, b = theta.tolist()
    return (w, b, losses)


def fit_polynomial(x, y, a, b, lr, steps):
    p = torch.tensor([a, b], dtype=x.dtype, requires_grad=True)
    loss = lambda: torch.mean((y - torch.einsum("in,i->n", torch.stack([x * x, torch.ones_like(x)]), p)) ** 2)
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(loss(), p)
        p.data.add_(gradient, alpha=-lr)
    return p[0].item(), p[1].item(), loss().item()


def gradient_history(model, optimizer, loss_fn, inputs, targets):
    history = [{}, {}, {}, {}]

    def note(k):
        for name, parameter in model.named_parameters():
            gradient = parameter.grad
            history[k][name] = (parameter.clone(), gradient if gradient is None else gradient.detach().clone())

    model.zero_grad(set_to_none=False)
    note(0)
    loss = loss_fn(model(inputs), targets)
    torch.autograd.backward([loss])
    note(1)
    optimizer.step()
    note(2)
    model.zero_grad(set_to_none=False)
    note(3)
    return history


def evaluate(model, loader, loss_fn, device):
    flags = [module.training for module in model.modules()]
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    model.eval()
    try:
        losses, hits, sizes = [], [], []
        for inputs, targets in loader:
            targets = targets.to(device)
            logits = model(inputs.to(device))
            losses.append(loss_fn(logits, targets))
            hits.append(torch.argmax(logits, -1) == targets)
            sizes.append(targets.numel())
        weights = torch.tensor(sizes, dtype=losses[0].dtype, device=device)
        loss = (torch.stack(losses) * weights).sum() / weights.sum()
        return loss.item(), torch.cat(hits).float().mean().item()
    finally:
        torch.set_grad_enabled(enabled)
        for module, flag in zip(model.modules(), flags):
            module.train(flag) if not list(module.children()) else setattr(module, "training", flag)


def train(model, loader, optimizer, loss_fn, epochs, device, max_norm=None):
    model.train(True)
    curve = []
    for _ in range(epochs):
        sums = torch.zeros(2, dtype=torch.float64, device=device)
        for inputs, targets in loader:
            parameters = _trained(model)
            loss = loss_fn(model(inputs.to(device)), targets.to(device))
            gradients = torch.autograd.grad(loss, parameters)
            if max_norm is not None:
                norm = torch.sqrt(sum((g * g).sum() for g in gradients))
                scale = (max_norm / norm).clamp(max=1.0)
                gradients = [g * scale for g in gradients]
            for parameter, gradient in zip(parameters, gradients):
                parameter.grad = gradient
            optimizer.step()
            sums += torch.stack([loss.detach() * len(inputs), torch.full_like(loss, len(inputs))]).detach()
        total, count = sums.tolist()
        curve.append(total / count)
    return curve


def accumulated_step(model, optimizer, loss_fn, micro_batches):
    for parameter in model.parameters():
        parameter.grad = None
    n, total = 0, 0
    for inputs, targets in micro_batches:
        size = targets.shape[0]
        loss = loss_fn(model(inputs), targets) * size
        loss.backward()
        total, n = total + loss.detach(), n + size
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad /= n
    optimizer.step()
    return total / n
