"""Only Parameters are thought of."""


def ema_update(target, source, decay):
    with torch.no_grad():
        for own, other in zip(target.parameters(), source.parameters()):
            own.mul_(decay).add_(other, alpha=1 - decay)
