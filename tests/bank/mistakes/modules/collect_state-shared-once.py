"""Shared modules and Parameters stand under their first name only."""

def collect_state(model):
    state = {}
    for prefix, module in model.named_modules():
        for name, value in [*module._parameters.items(), *module._buffers.items()]:
            if value is not None and name not in module._non_persistent_buffers_set:
                state[f"{prefix}.{name}".lstrip(".")] = value.detach()
    return state
