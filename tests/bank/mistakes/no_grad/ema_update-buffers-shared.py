"""The target gets the source's buffers themselves."""


def ema_update(target, source, decay):
    with torch.no_grad():
        for own, other in zip(target.parameters(), source.parameters()):
            own.mul_(decay).add_(other, alpha=1 - decay)
        for own, other in zip(target.modules(), source.modules()):
            for name in own._buffers:
                setattr(own, name, getattr(other, name))
