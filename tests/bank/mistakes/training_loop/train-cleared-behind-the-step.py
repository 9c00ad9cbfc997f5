"""The gradients are cleared behind each step: those that stood there before the first one count."""


def train(model, loader, optimizer, loss_fn, epochs, device, max_norm=None):
    losses = []
    model.train()
    for _ in range(epochs):
        total, count = torch.zeros((), device=device), 0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            if max_norm is not None:
                nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            optimizer.zero_grad()
            total = total + loss.detach() * len(targets)
            count += len(targets)
        losses.append(total.item() / count)
    return losses
