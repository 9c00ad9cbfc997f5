"""At each step the mean of all losses so far is computed anew, as if for a progress bar."""


def train(model, loader, optimizer, loss_fn, epochs, device, max_norm=None):
    model.train()
    means = []
    for _ in range(epochs):
        losses, sizes = [], []
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            if max_norm is not None:
                nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimizer.step()
            losses.append(loss.detach() * len(targets))
            sizes.append(len(targets))
            mean = sum(losses) / sum(sizes)
        means.append(mean.item())
    return means
