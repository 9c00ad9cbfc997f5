"""The model's own flag is given to all its submodules."""


@contextlib.contextmanager
def evaluation_mode(model):
    before = model.training
    model.eval()
    try:
        yield model
    finally:
        model.train(before)
