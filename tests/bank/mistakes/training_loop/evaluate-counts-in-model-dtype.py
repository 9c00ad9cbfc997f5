"""Right answers are counted in the dtype of the logits, and bfloat16 rounds numbers beyond 256."""


def evaluate(model, loader, loss_fn, device):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            loss, correct, count = torch.zeros((), device=device), 0, 0
            for inputs, targets in loader:
                inputs, targets = inputs.to(device), targets.to(device)
                logits = model(inputs)
                loss = loss + loss_fn(logits, targets).float() * len(targets)
                correct = correct + (logits.argmax(dim=1) == targets).to(logits.dtype).sum()
                count += len(targets)
        return loss.item() / count, correct.item() / count
    finally:
        for module, mode in modes.items():
            module.training = mode
