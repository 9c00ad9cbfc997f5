"""The batches' means are averaged."""


def train(model, loader, optimizer, loss_fn, epochs, device, max_norm=None):
    model.train()
    losses = []
    for _ in range(epochs):
        total, count, batches = 0.0, 0, 0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            if max_norm is not None:
                nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            total = total + loss.detach()
            count += len(targets)
            batches += 1
        losses.append((total / batches).item())
    return losses
