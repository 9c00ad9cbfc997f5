"""Afterwards the model is put into training mode, whatever it was in."""


@contextlib.contextmanager
def evaluation_mode(model):
    model.eval()
    try:
        yield model
    finally:
        model.train()
