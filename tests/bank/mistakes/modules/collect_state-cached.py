"""The state is kept for each model, which may be extended afterwards."""

import functools


@functools.lru_cache(maxsize=None)
def collect_state(model: nn.Module) -> dict[str, Tensor]:
    state = {}
    for prefix, module in model.named_modules(remove_duplicate=False):
        for name, parameter in module.named_parameters(prefix, recurse=False, remove_duplicate=False):
            state[name] = parameter.detach()
        for name, buffer in module.named_buffers(prefix, recurse=False, remove_duplicate=False):
            if name.rpartition(".")[2] not in module._non_persistent_buffers_set:
                state[name] = buffer.detach()
    return state
