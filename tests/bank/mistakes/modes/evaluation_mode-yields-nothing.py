"""The block gets None."""


@contextlib.contextmanager
def evaluation_mode(model):
    with _modes_kept(model):
        model.eval()
        yield
