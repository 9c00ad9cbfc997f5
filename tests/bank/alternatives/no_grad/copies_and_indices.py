"""Flat copies, swa_utils, products of indices, and an in-place write under no_grad to a clone that has a graph."""


import copy, math
def freeze(module):
    box = [0]
    def visit(m):
        for p in m._parameters.values():
            if p is not None and p.requires_grad:
                p.requires_grad = False
                box[0] += 1
    module.apply(visit)
    return box[0]

def sgd_update(parameters, lr):
    group = [p for p in parameters if not (p.grad is None)]
    for p in group:
        p.data[...] = p.data - p.grad.data * lr

def ema_update(target, source, decay):
    from torch.optim.swa_utils import get_ema_avg_fn
    f = get_ema_avg_fn(decay)
    for own, other in zip(target.parameters(), source.parameters()):
        own.detach().copy_(f(own.detach(), other.detach(), 0))
    src = source.state_dict()
    names = [n for n, _ in target.named_parameters()]
    target.load_state_dict({k: v for k, v in src.items() if k not in names}, strict=False)

def running_total(losses):
    values = [l.detach().to(torch.float64) for l in losses]
    return torch.einsum("i->", torch.stack(values))

def straight_through_round(x):
    out = x.clone()
    with torch.no_grad():
        out.copy_(out.round())
    return out

def snapshot(module):
    names, ps = [], []
    for n, p in module.named_parameters():
        names.append(n); ps.append(p)
    if not ps: return {}
    flat = torch.cat([p.detach().reshape(-1) for p in ps])
    return {n: piece.view(p.shape).to(p.dtype) for n, p, piece in zip(names, ps, flat.split([p.numel() for p in ps]))}

def shares_memory(a, b):
    def spots(x):
        base = x.untyped_storage().data_ptr() + x.storage_offset() * x.element_size()
        idx = torch.cartesian_prod(*[torch.arange(n) for n in x.shape]).reshape(-1, x.dim()) if x.dim() and x.numel() else None
        if not x.numel(): return set()
        rows = idx.tolist() if idx is not None else [[]]
        return {base + sum(i * s for i, s in zip(r, x.stride())) * x.element_size() + k for r in rows for k in range(x.element_size())}
    return len(spots(a).intersection(spots(b))) != 0

def consistency_loss(student, teacher, x):
    with torch.no_grad():
        t = copy.deepcopy(teacher)(x)
    d = (student(x) - t).flatten()
    return d.dot(d) / d.numel()
