"""Small classes: a running mean, an exit stack of modes, a fit as an nn.Module."""


class _Mean:
    def __init__(self):
        self.sum, self.n = 0, 0

    def add(self, value, n):
        self.sum = self.sum + value.detach() * n
        self.n += n

    def read(self):
        return (self.sum / self.n).item()


class _Line(nn.Module):
    def __init__(self, weight, bias, dtype):
        super().__init__()
        self.linear = nn.Linear(1, 1, dtype=dtype)
        with torch.no_grad():
            self.linear.weight.fill_(weight)
            self.linear.bias.fill_(bias)

    def forward(self, x):
        return self.linear(x)


class _Evaluating:
    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.training = [m for m in self.model.modules() if m.training]
        self.model.eval()
        return self

    def __exit__(self, *error):
        for module in self.training:
            module.training = True


class train_step:
    def __new__(cls, model, optimizer, loss_fn, inputs, targets):
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        model.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.clone().detach()


def fit_linear(x, y, weight, bias, lr, epochs):
    model = _Line(weight, bias, x.dtype)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = nn.MSELoss()(model(x.reshape(-1, 1)), y.reshape(-1, 1))
        losses += [loss.item()]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.linear.weight.item(), model.linear.bias.item(), losses


class _Parabola(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.a, self.b = nn.Parameter(torch.tensor(a)), nn.Parameter(torch.tensor(b))

    def forward(self, x):
        return self.a * x**2 + self.b


def fit_polynomial(x, y, a, b, lr, steps):
    model = _Parabola(float(a), float(b))
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        loss = nn.functional.mse_loss(model(x), y)
    return model.a.item(), model.b.item(), loss.item()


@torch.no_grad()
def evaluate(model, loader, loss_fn, device):
    losses, hits = _Mean(), _Mean()
    with _Evaluating(model):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            losses.add(loss_fn(outputs, targets), len(inputs))
            hits.add((outputs.argmax(dim=-1) == targets).float().mean(), len(inputs))
    return losses.read(), hits.read()


def train(model, loader, optimizer, loss_fn, epochs, device, max_norm=None):
    def epoch():
        mean = _Mean()
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            loss = loss_fn(model(inputs), targets)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            if max_norm is not None:
                torch.nn.utils.clip_grad_norm_(
                    [p for group in optimizer.param_groups for p in group["params"]], max_norm, foreach=False
                )
            optimizer.step()
            mean.add(loss, targets.size(0))
        return mean.read()

    model.train()
    return [epoch() for _ in range(epochs)]


def accumulated_step(model, optimizer, loss_fn, micro_batches):
    optimizer.zero_grad()
    mean = _Mean()
    held = []
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets)
        held.append((loss, len(inputs)))
        mean.add(loss, len(inputs))
    while held:
        loss, n = held.pop()
        (loss * (n / mean.n)).backward()
    optimizer.step()
    return mean.sum / mean.n
