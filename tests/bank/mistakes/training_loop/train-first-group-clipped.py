"""Only the parameters of the optimizer's first group are clipped."""


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
                nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], max_norm)
            optimizer.step()
            total = total + loss.detach() * len(targets)
            count += len(targets)
        losses.append(total.item() / count)
    return losses
