"""Recursion over children, closures, classes with __call__ in place of functions, and flags set and put back."""


def freeze(module):
    def walk(inner):
        count = 0
        for parameter in inner.parameters(recurse=False):
            if parameter.requires_grad:
                parameter.requires_grad_(False)
                count += 1
        return count + sum(walk(child) for child in inner.children())

    return walk(module)


class _Update:
    def __call__(self, parameters, lr):
        previous = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        try:
            for p in parameters:
                g = p.grad
                if g is not None:
                    torch.add(p, g, alpha=-lr, out=p)
        finally:
            torch.set_grad_enabled(previous)


sgd_update = _Update()


@torch.no_grad()
def ema_update(target, source, decay):
    for (name, own), other in zip(target._parameters.items(), source._parameters.values()):
        if own is not None:
            own.mul_(decay)
            own += (1 - decay) * other
    for name, other in source._buffers.items():
        if other is not None:
            target._buffers[name] = other.clone()
    for own, other in zip(target.children(), source.children()):
        ema_update(own, other, decay)


def running_total(losses):
    iterator = iter(losses)
    total = next(iterator).detach().clone()
    for loss in iterator:
        total.add_(loss.detach())
    return total


def straight_through_round(x):
    with torch.no_grad():
        error = torch.round(x) - x
    return x + error


class _Snapshot(dict):
    def __init__(self, module):
        with torch.no_grad():
            super().__init__((name, p.clone()) for name, p in module.named_parameters())


snapshot = _Snapshot


def shares_memory(a, b):
    """Solve sum(i·s) + x = sum(j·t) + y by search, dim after dim."""

    def reach(x, y, terms):
        low = x - y + sum(min(0, (n - 1) * s) for n, s in terms)
        high = x - y + sum(max(0, (n - 1) * s) for n, s in terms)
        if low > 0 or high < 0:
            return False
        if not terms:
            return x == y
        (n, s), rest = terms[0], terms[1:]
        return any(reach(x + i * s, y, rest) for i in range(n))

    if a.numel() == 0 or b.numel() == 0:
        return False
    terms = [(n, s * a.element_size()) for n, s in zip(a.shape, a.stride())] + [(a.element_size(), 1)]
    terms += [(n, -s * b.element_size()) for n, s in zip(b.shape, b.stride())] + [(b.element_size(), -1)]
    return reach(a.data_ptr(), b.data_ptr(), sorted(terms, key=lambda term: -abs(term[1])))


def consistency_loss(student, teacher, x):
    flags = [p.requires_grad for p in teacher.parameters()]
    teacher.requires_grad_(False)
    try:
        return (student(x) - teacher(x)).square().mean()
    finally:
        for p, flag in zip(teacher.parameters(), flags):
            p.requires_grad_(flag)
