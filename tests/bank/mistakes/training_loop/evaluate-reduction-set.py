"""The reduction of the caller's loss function is set to "sum" for good."""


def evaluate(model, loader, loss_fn, device):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        total, correct, count = 0.0, 0, 0
        has = hasattr(loss_fn, "reduction")
        if has:
            loss_fn.reduction = "sum"
        with torch.no_grad():
            for inputs, targets in loader:
                inputs, targets = inputs.to(device), targets.to(device)
                logits = model(inputs)
                loss = loss_fn(logits, targets)
                total = total + (loss if has else loss * len(targets))
                correct = correct + (logits.argmax(1) == targets).sum()
                count += len(targets)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return total.item() / count, correct.item() / count
