"""Frozen Parameters of the target are left out."""


def ema_update(target, source, decay):
    with torch.no_grad():
        for own, other in zip(target.parameters(), source.parameters()):
            if own.requires_grad:
                own.mul_(decay).add_(other, alpha=1 - decay)
        for own, other in zip(target.buffers(), source.buffers()):
            own.copy_(other)
