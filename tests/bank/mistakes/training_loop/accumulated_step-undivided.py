"""The losses of the pieces are not divided."""


def accumulated_step(model, optimizer, loss_fn, micro_batches):
    micro_batches = list(micro_batches)
    count = sum(len(targets) for _, targets in micro_batches)
    total = 0.0
    optimizer.zero_grad()
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        total = total + loss.detach()
    optimizer.step()
    return total
