"""Many tensors in one call: the _foreach functions, torch.optim, and torch's utilities for averaged models."""


def freeze(module):
    return sum(1 for p in module.parameters() if p.requires_grad and not p.requires_grad_(False).requires_grad)


def sgd_update(parameters, lr):
    torch.optim.SGD(parameters, lr=lr).step()


def ema_update(target, source, decay):
    with torch.no_grad():
        own, other = list(target.parameters()), list(source.parameters())
        torch._foreach_lerp_(own, other, 1 - decay)
        for mine, yours in zip(target.buffers(), source.buffers()):
            mine.set_(yours.clone())


def running_total(losses):
    return torch.cat([loss.detach().reshape(1) for loss in losses]).cumsum(0)[-1]


def straight_through_round(x):
    return x - (x - torch.round(x)).detach()


def snapshot(module):
    names, values = zip(*module.named_parameters()) if list(module.parameters()) else ((), ())
    return dict(zip(names, torch._foreach_mul([v.detach() for v in values], 1.0))) if values else {}


def shares_memory(a, b):
    if not a.numel() or not b.numel():
        return False
    marks = {}
    for x in (a, b):
        size = x.element_size()
        extent = sum((n - 1) * s for n, s in zip(x.shape, x.stride())) * size + size
        used = torch.zeros(extent, dtype=torch.bool)
        layout = [s * size for s in x.stride()]
        used.as_strided([*x.shape, size], [*layout, 1]).fill_(True)
        marks[id(x)] = (x.data_ptr(), used)
    (start_a, used_a), (start_b, used_b) = marks[id(a)], marks[id(b)]
    low, high = max(start_a, start_b), min(start_a + len(used_a), start_b + len(used_b))
    if low >= high:
        return False
    return (used_a[low - start_a : high - start_a] & used_b[low - start_b : high - start_b]).any().item()


def consistency_loss(student, teacher, x):
    return torch.mean(torch.pow(student.forward(x) - teacher.forward(x).detach(), 2))
