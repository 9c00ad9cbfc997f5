"""Flags are noted while they are cleared: a module in two places is noted a second time as being in eval mode."""


@contextlib.contextmanager
def evaluation_mode(model):
    before = []
    for _, module in model.named_modules(remove_duplicate=False):
        before.append((module, module.training))
        module.training = False
    try:
        yield model
    finally:
        for module, training in before:
            module.training = training
