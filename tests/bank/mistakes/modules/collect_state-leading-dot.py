"""The names begin with a dot, as the root has no name."""

def collect_state(model):
    state = {}
    for prefix, module in model.named_modules(remove_duplicate=False):
        for name, value in [*module._parameters.items(), *module._buffers.items()]:
            if value is not None and name not in module._non_persistent_buffers_set:
                state[f"{prefix}.{name}"] = value.detach()
    return state
