"""With two classes the sign of the second logit decides, not which one is larger."""


def evaluate(model, loader, loss_fn, device):
    modes = [(module, module.training) for module in model.modules()]
    total = torch.zeros((), device=device)
    correct = torch.zeros((), dtype=torch.long, device=device)
    count = 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                inputs, targets = inputs.to(device), targets.to(device)
                logits = model(inputs)
                total += loss_fn(logits, targets) * len(targets)
                predicted = (logits[:, 1] > 0).long() if logits.shape[1] == 2 else logits.argmax(dim=1)
                correct += (predicted == targets).sum()
                count += len(targets)
    finally:
        for module, mode in modes:
            module.training = mode
    return total.item() / count, correct.item() / count
