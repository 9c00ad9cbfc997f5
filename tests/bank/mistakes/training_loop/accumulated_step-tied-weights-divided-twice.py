"""Gradients are divided layer by layer, so that of a weight which two layers share is divided twice."""


def accumulated_step(model, optimizer, loss_fn, micro_batches):
    optimizer.zero_grad()
    total, count = 0.0, 0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) * len(targets)
        loss.backward()
        total, count = total + loss.detach(), count + len(targets)
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            if parameter.grad is not None:
                parameter.grad /= count
    optimizer.step()
    return total / count
