"""The number of pieces is asked of the iterable."""


def accumulated_step(model, optimizer, loss_fn, micro_batches):
    count = len(micro_batches)
    total = 0.0
    optimizer.zero_grad()
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) * (1 / count)
        loss.backward()
        total = total + loss.detach()
    optimizer.step()
    return total
