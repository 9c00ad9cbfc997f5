"""The loss is added up in a float32 tensor, which rounds float64 losses."""


def accumulated_step(model, optimizer, loss_fn, micro_batches):
    pieces = list(micro_batches)
    count = sum(len(targets) for _, targets in pieces)
    total = torch.zeros((), dtype=torch.float32, device=pieces[0][1].device)
    optimizer.zero_grad()
    for inputs, targets in pieces:
        loss = loss_fn(model(inputs), targets) * (len(targets) / count)
        loss.backward()
        total += loss.detach()
    optimizer.step()
    return total
