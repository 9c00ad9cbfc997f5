"""Frozen Parameters are written without no_grad, so that they hang on the source's graph."""


def ema_update(target, source, decay):
    for own, other in zip(target.parameters(), source.parameters()):
        if own.requires_grad:
            own.data.mul_(decay).add_(other.data, alpha=1 - decay)
        else:
            own.mul_(decay).add_(other, alpha=1 - decay)
    for own, other in zip(target.buffers(), source.buffers()):
        own.copy_(other)
