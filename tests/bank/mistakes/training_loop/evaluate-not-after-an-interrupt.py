"""The modes are restored after an Exception, but not after Ctrl-C, which is none."""


def evaluate(model, loader, loss_fn, device):
    modes = {module: module.training for module in model.modules()}

    def restore():
        for module, mode in modes.items():
            module.training = mode

    model.eval()
    try:
        loss, correct, count = _totals(model, loader, loss_fn, device)
    except Exception:
        restore()
        raise
    restore()
    return loss / count, correct / count
