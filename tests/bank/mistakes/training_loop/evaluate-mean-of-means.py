"""The batches' means are averaged, so that a short batch counts as much as the rest."""


def evaluate(model, loader, loss_fn, device):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            total, correct, count, batches = 0.0, 0, 0, 0
            for inputs, targets in loader:
                inputs, targets = inputs.to(device), targets.to(device)
                logits = model(inputs)
                total = total + loss_fn(logits, targets)
                correct = correct + (logits.argmax(1) == targets).sum()
                count += len(targets)
                batches += 1
            return (total / batches).item(), (correct / count).item()
    finally:
        for module, mode in modes:
            module.training = mode
