"""The old flag is kept on the module itself, where a nested block overwrites it."""


@contextlib.contextmanager
def evaluation_mode(model):
    for module in model.modules():
        module._mode_before = module.training
    model.eval()
    try:
        yield model
    finally:
        for module in model.modules():
            module.training = module._mode_before
