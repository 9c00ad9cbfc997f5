"""All Parameters come first and then all buffers, instead of module by module."""

def collect_state(model):
    skipped = {f"{p}.{n}" if p else n for p, m in model.named_modules(remove_duplicate=False) for n in m._non_persistent_buffers_set}
    state = {n: p.detach() for n, p in model.named_parameters(remove_duplicate=False)}
    return state | {n: b.detach() for n, b in model.named_buffers(remove_duplicate=False) if n not in skipped}
