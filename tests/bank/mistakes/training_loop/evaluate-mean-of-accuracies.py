"""The batches' accuracies are averaged."""


def evaluate(model, loader, loss_fn, device):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            total, correct, count, batches = 0.0, 0, 0, 0
            for inputs, targets in loader:
                inputs, targets = inputs.to(device), targets.to(device)
                logits = model(inputs)
                total = total + loss_fn(logits, targets) * len(targets)
                correct = correct + (logits.argmax(1) == targets).float().mean()
                count += len(targets)
                batches += 1
            return (total / count).item(), (correct / batches).item()
    finally:
        for module, mode in modes:
            module.training = mode
