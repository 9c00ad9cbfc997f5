"""`model.training = False` misses the submodules."""


@contextlib.contextmanager
def evaluation_mode(model):
    before = model.training
    model.training = False
    try:
        yield model
    finally:
        model.training = before
