"""Ctrl-C in a notebook, which is no Exception, leaves the model in eval mode."""


@contextlib.contextmanager
def evaluation_mode(model):
    before = [(module, module.training) for module in model.modules()]
    model.eval()

    def put_back():
        for module, training in before:
            module.training = training

    try:
        yield model
    except Exception:
        put_back()
        raise
    put_back()
