"""Gradients beyond 100 are cut off for safety, which nobody asked for."""


def train_step(model, optimizer, loss_fn, inputs, targets):
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), 100.0)
    optimizer.step()
    return loss.detach()
