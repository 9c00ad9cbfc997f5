"""Buffers of floats are averaged like Parameters."""


def ema_update(target, source, decay):
    with torch.no_grad():
        for own, other in zip(target.state_dict().values(), source.state_dict().values()):
            if own.is_floating_point():
                own.mul_(decay).add_(other, alpha=1 - decay)
            else:
                own.copy_(other)
