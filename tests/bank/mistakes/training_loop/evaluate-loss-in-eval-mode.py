"""The loss function is put in eval mode, too, and left there."""


def evaluate(model, loader, loss_fn, device):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    if isinstance(loss_fn, nn.Module):
        loss_fn.eval()
    try:
        loss, correct, count = _totals(model, loader, loss_fn, device)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return loss / count, correct / count
