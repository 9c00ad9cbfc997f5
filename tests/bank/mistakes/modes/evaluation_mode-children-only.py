"""The flags of the model and its children are kept, those further down are not."""


@contextlib.contextmanager
def evaluation_mode(model):
    before = [(module, module.training) for module in [model, *model.children()]]
    model.eval()
    try:
        yield model
    finally:
        for module, flag in before:
            module.training = flag
