"""Gradients are switched on inside, whatever they are outside."""


@contextlib.contextmanager
def evaluation_mode(model):
    with _modes_kept(model), torch.enable_grad():
        model.eval()
        yield model
