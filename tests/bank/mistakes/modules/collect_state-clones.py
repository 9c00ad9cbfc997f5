"""The values are copies, so that a write to them does not reach the model."""

def collect_state(model):
    state = {}
    for prefix, module in model.named_modules(remove_duplicate=False):
        for name, value in [*module._parameters.items(), *module._buffers.items()]:
            if value is not None and name not in module._non_persistent_buffers_set:
                state[f"{prefix}.{name}" if prefix else name] = value.detach().clone()
    return state
