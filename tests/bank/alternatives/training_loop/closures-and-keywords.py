"""Closures for optimizer.step, keyword calls, and numbers kept in dicts."""


def train_step(model, optimizer, loss_fn, inputs, targets):
    def closure():
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    return optimizer.step(closure).detach()


def fit_linear(x, y, weight, bias, lr, epochs):
    state, losses = {"w": weight, "b": bias}, []

    def step():
        r = [state["w"] * p + state["b"] - q for p, q in zip(x.flatten().tolist(), y.flatten().tolist())]
        losses.append(sum(v * v for v in r) / len(r))
        slopes = 2 * sum(v * p for v, p in zip(r, x.flatten().tolist())) / len(r), 2 * sum(r) / len(r)
        state["w"] -= lr * slopes[0]
        state["b"] -= lr * slopes[1]

    for _ in range(epochs):
        step()
    return state["w"], state["b"], losses


def fit_polynomial(x, y, a, b, lr, steps):
    points = list(zip(x.tolist(), y.tolist()))

    def loss():
        return sum((q - (a * p * p + b)) ** 2 for p, q in points) / len(points)

    while steps > 0:
        da = sum(2 * (a * p * p + b - q) * p * p for p, q in points) / len(points)
        db = sum(2 * (a * p * p + b - q) for p, q in points) / len(points)
        a, b, steps = a - lr * da, b - lr * db, steps - 1
    return a, b, loss()


def gradient_history(model, optimizer, loss_fn, inputs, targets):
    import copy

    def backward():
        loss_fn(model.forward(inputs), targets).backward()

    history = []
    for action in (optimizer.zero_grad, backward, optimizer.step, optimizer.zero_grad):
        action()
        history.append({k: (copy.deepcopy(p.data), copy.deepcopy(p.grad)) for k, p in model.named_parameters()})
    return history


def evaluate(model, loader, loss_fn, device):
    kept = {name: module.training for name, module in model.named_modules()}
    sums = {"loss": 0, "right": 0, "n": 0}
    try:
        model.train(False)
        with torch.inference_mode():
            for batch in loader:
                inputs, targets = (part.to(device=device) for part in batch)
                logits = model(inputs)
                sums["loss"] += inputs.size(0) * loss_fn(logits, targets)
                sums["right"] += logits.max(dim=1).indices.eq(targets).sum()
                sums["n"] += inputs.size(0)
            return tuple(torch.stack([sums["loss"].double(), sums["right"].double()]).div(sums["n"]).tolist())
    finally:
        for name, module in model.named_modules():
            module.training = kept[name]


def train(model, loader, optimizer, loss_fn, epochs, device, max_norm=None):
    result = []
    for _ in range(epochs):
        model.train()
        sums = []
        n = 0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device, non_blocking=True), targets.to(device, non_blocking=True)

            def closure():
                model.zero_grad()
                loss = loss_fn(model(inputs), targets)
                loss.backward()
                if max_norm is not None:
                    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=max_norm)
                return loss

            sums.append(optimizer.step(closure).detach().mul(inputs.shape[0]))
            n += inputs.shape[0]
        result.append(float(torch.stack(sums).sum() / n))
    return result


def accumulated_step(model, optimizer, loss_fn, micro_batches):
    pieces = [*micro_batches]
    n = sum(inputs.shape[0] for inputs, _ in pieces)

    def closure():
        model.zero_grad()
        loss = sum(loss_fn(model(inputs), targets) * inputs.shape[0] / n for inputs, targets in pieces)
        loss.backward()
        return loss.detach()

    return optimizer.step(closure)
