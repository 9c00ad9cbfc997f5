"""The norm of the gradients is compared in Python, which reads it back in every step."""


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
                gradients = [p.grad for p in model.parameters() if p.grad is not None]
                norm = torch.stack([g.norm() for g in gradients]).norm()
                if norm > max_norm:
                    for g in gradients:
                        g.mul_(max_norm / norm)
            optimizer.step()
            total = total + loss.detach() * len(targets)
            count += len(targets)
            batches += 1
        losses.append((total / count).item())
    return losses
