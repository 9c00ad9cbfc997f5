"""A buffer is left out wherever some other module has a non-persistent one of that name."""


def collect_state(model):
    skipped = set().union(*(module._non_persistent_buffers_set for module in model.modules()))
    state = {}
    for prefix, module in model.named_modules(remove_duplicate=False):
        for name, value in [*module._parameters.items(), *module._buffers.items()]:
            if value is not None and name not in skipped:
                state[f"{prefix}.{name}" if prefix else name] = value.detach()
    return state
