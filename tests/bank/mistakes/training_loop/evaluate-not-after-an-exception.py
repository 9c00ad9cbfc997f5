"""The modes are not restored after an exception."""


def evaluate(model, loader, loss_fn, device):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    loss, accuracy = _means(model, loader, loss_fn, device)
    for module, mode in modes:
        module.training = mode
    return loss, accuracy


@torch.no_grad()
def _means(model, loader, loss_fn, device):
    if True:
        if True:
            total, correct, count = 0.0, 0, 0
            for inputs, targets in loader:
                inputs, targets = inputs.to(device), targets.to(device)
                logits = model(inputs)
                total = total + loss_fn(logits, targets) * len(targets)
                correct = correct + (logits.argmax(1) == targets).sum()
                count += len(targets)
            return (total / count).item(), (correct / count).item()
