"""The logits are squeezed: with one class the largest is looked for among the samples."""


def evaluate(model, loader, loss_fn, device):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        return _means(model, loader, loss_fn, device)
    finally:
        for module, mode in modes.items():
            module.training = mode


@torch.no_grad()
def _means(model, loader, loss_fn, device):
    loss, correct = torch.zeros((), device=device), torch.zeros((), device=device)
    count = 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        logits = model(inputs)
        loss = loss + loss_fn(logits, targets) * len(targets)
        correct = correct + (logits.squeeze().argmax(dim=-1) == targets).sum()
        count += len(targets)
    return loss.item() / count, correct.item() / count
