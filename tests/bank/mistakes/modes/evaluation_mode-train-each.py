"""Each module's train() is called with its flag, which also changes the modules inside."""


@contextlib.contextmanager
def evaluation_mode(model):
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield model
    finally:
        for module, flag in before:
            module.train(flag)
