"""A decay of 0 is taken for one that was not given."""


def ema_update(target, source, decay):
    decay = decay or 0.999
    with torch.no_grad():
        for own, other in zip(target.parameters(), source.parameters()):
            own.mul_(decay).add_(other, alpha=1 - decay)
        for own, other in zip(target.buffers(), source.buffers()):
            own.copy_(other)
