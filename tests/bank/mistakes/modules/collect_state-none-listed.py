"""What is None is collected, too."""

def collect_state(model):
    state = {}
    for prefix, module in model.named_modules(remove_duplicate=False):
        for name, value in [*module._parameters.items(), *module._buffers.items()]:
            if name not in module._non_persistent_buffers_set:
                state[f"{prefix}.{name}" if prefix else name] = None if value is None else value.detach()
    return state
