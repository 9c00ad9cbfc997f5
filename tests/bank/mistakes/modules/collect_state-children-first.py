"""A module's children come before its own tensors."""

def collect_state(model):
    state = {}
    for name, child in model._modules.items():
        if child is not None:
            state |= {f"{name}.{key}": value for key, value in collect_state(child).items()}
    for name, value in [*model._parameters.items(), *model._buffers.items()]:
        if value is not None and name not in model._non_persistent_buffers_set:
            state[name] = value.detach()
    return state
