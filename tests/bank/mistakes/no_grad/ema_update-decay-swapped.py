"""decay is given to the source."""


def ema_update(target, source, decay):
    with torch.no_grad():
        for own, other in zip(target.parameters(), source.parameters()):
            own.mul_(1 - decay).add_(other, alpha=decay)
        for own, other in zip(target.buffers(), source.buffers()):
            own.copy_(other)
