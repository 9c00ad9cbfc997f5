"""Recursion over batches, iterators by hand, reduce and accumulate."""

import functools
import itertools


def train_step(model, optimizer, loss_fn, inputs, targets):
    [setattr(p, "grad", None) for p in model.parameters()]
    with torch.enable_grad():
        loss = functools.reduce(lambda value, f: f(value), [model, lambda outputs: loss_fn(outputs, targets)], inputs)
    torch.autograd.backward(loss)
    optimizer.step()
    with torch.no_grad():
        return loss * 1


def fit_linear(x, y, weight, bias, lr, epochs):
    if epochs == 0:
        return float(weight), float(bias), []
    r = weight * x + bias - y
    w, b, rest = fit_linear(
        x, y, weight - lr * 2 * (r * x).mean().item(), bias - lr * 2 * r.mean().item(), lr, epochs - 1
    )
    return w, b, [(r * r).mean().item(), *rest]


def fit_polynomial(x, y, a, b, lr, steps):
    def step(state, _):
        a, b = state
        r = y - (a * x * x + b)
        return a + lr * 2 * (r * x * x).mean().item(), b + lr * 2 * r.mean().item()

    *_, (a, b) = itertools.accumulate(range(steps), step, initial=(float(a), float(b)))
    return a, b, torch.nn.functional.mse_loss(a * x * x + b, y).item()


def evaluate(model, loader, loss_fn, device):
    def go(iterator):
        batch = next(iterator, None)
        if batch is None:
            return torch.zeros(3, dtype=torch.float64, device=device)
        x, y = batch
        logits = model(x.to(device))
        y = y.to(device)
        loss = loss_fn(logits, y).double() * len(y)
        right = (logits == logits.amax(1, keepdim=True)).gather(1, y[:, None]).sum().double()
        return torch.stack([loss, right, torch.full_like(loss, len(y))]) + go(iterator)

    modes = [(m, m.training) for m in model.modules()]
    try:
        for m in model.modules():
            m.training = False
        with torch.autograd.grad_mode.no_grad():
            loss, right, n = go(iter(loader)).tolist()
    finally:
        for m, mode in modes:
            m.training = mode
    return loss / n, right / n


def _epoch(model, loader, optimizer, loss_fn, device, max_norm):
    iterator = iter(loader)
    total, n = 0.0, 0
    while True:
        try:
            x, y = next(iterator)
        except StopIteration:
            return total / n
        optimizer.zero_grad(set_to_none=False)
        loss = loss_fn(model.forward(x.to(device)), y.to(device))
        loss.backward()
        if max_norm is not None:
            total_norm = nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
            nn.utils.clip_grads_with_norm_(model.parameters(), max_norm, total_norm)
        optimizer.step()
        n += x.size(0)
        total = total + loss.detach() * x.size(0)


def train(model, loader, optimizer, loss_fn, epochs, device, max_norm=None):
    means = [_epoch(model.train(), loader, optimizer, loss_fn, device, max_norm) for _ in range(epochs)]
    return torch.stack(means).tolist() if means else []


def accumulated_step(model, optimizer, loss_fn, micro_batches):
    optimizer.zero_grad()
    seen = 0
    mean = None
    for x, y in micro_batches:
        n = len(x)
        loss = loss_fn(model(x), y)
        for p in model.parameters():
            if p.grad is not None:
                p.grad.mul_(seen / (seen + n))
        (loss * (n / (seen + n))).backward()
        seen += n
        mean = loss.detach() if mean is None else mean + (loss.detach() - mean) * (n / seen)
    optimizer.step()
    return mean
