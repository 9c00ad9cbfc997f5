"""The model is called twice on each batch: for the loss, and for the accuracy."""


def evaluate(model, loader, loss_fn, device):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        total, correct, count = 0.0, 0, 0
        with torch.no_grad():
            for inputs, targets in loader:
                inputs, targets = inputs.to(device), targets.to(device)
                total = total + loss_fn(model(inputs), targets) * len(targets)
                correct = correct + (model(inputs).argmax(1) == targets).sum()
                count += len(targets)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return total.item() / count, correct.item() / count
