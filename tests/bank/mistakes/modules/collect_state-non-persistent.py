"""Non-persistent buffers are collected, too."""

def collect_state(model):
    state = {}
    for prefix, module in model.named_modules(remove_duplicate=False):
        for name, value in [*module._parameters.items(), *module._buffers.items()]:
            if value is not None:
                state[f"{prefix}.{name}" if prefix else name] = value.detach()
    return state
