"""Only the module's own tensors are collected, not those of its children."""

def collect_state(model):
    return {n: v.detach() for n, v in [*model._parameters.items(), *model._buffers.items()]
            if v is not None and n not in model._non_persistent_buffers_set}
