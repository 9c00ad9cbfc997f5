"""Loss and right answers are read back in every step."""


def evaluate(model, loader, loss_fn, device):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            total, correct, count = 0.0, 0, 0
            for inputs, targets in loader:
                inputs, targets = inputs.to(device), targets.to(device)
                logits = model(inputs)
                total = total + loss_fn(logits, targets).item() * len(targets)
                correct = correct + (logits.argmax(1) == targets).sum().item()
                count += len(targets)
            return total / count, correct / count
    finally:
        for module, mode in modes:
            module.training = mode
