"""The loader is asked for its iterator between eval() and try, and may fail there."""


def evaluate(model, loader, loss_fn, device):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    batches = iter(loader)
    try:
        loss, correct, count = _totals(model, batches, loss_fn, device)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return loss / count, correct / count
