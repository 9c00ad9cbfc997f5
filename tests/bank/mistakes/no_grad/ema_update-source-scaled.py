"""The source is multiplied in place on the way."""


def ema_update(target, source, decay):
    with torch.no_grad():
        for own, other in zip(target.parameters(), source.parameters()):
            own.mul_(decay).add_(other.mul_(1 - decay))
        for own, other in zip(target.buffers(), source.buffers()):
            own.copy_(other)
