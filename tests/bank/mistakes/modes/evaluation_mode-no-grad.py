"""Gradients are switched off inside, too."""


@contextlib.contextmanager
def evaluation_mode(model):
    with _modes_kept(model), torch.no_grad():
        model.eval()
        yield model
