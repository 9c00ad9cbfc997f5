"""named_children leaves out a shared module's second name."""

def collect_state(model):
    state = {}
    for name, value in [*model._parameters.items(), *model._buffers.items()]:
        if value is not None and name not in model._non_persistent_buffers_set:
            state[name] = value.detach()
    for name, child in model.named_children():
        state |= {f"{name}.{key}": value for key, value in collect_state(child).items()}
    return state
