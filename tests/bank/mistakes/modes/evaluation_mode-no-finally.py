"""The flags are restored, but not after an exception."""


@contextlib.contextmanager
def evaluation_mode(model):
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    yield model
    for module, flag in before:
        module.training = flag
