"""Buffers of integers, such as num_batches_tracked, are left out."""


def ema_update(target, source, decay):
    with torch.no_grad():
        for own, other in zip(target.parameters(), source.parameters()):
            own.mul_(decay).add_(other, alpha=1 - decay)
        for own, other in zip(target.buffers(), source.buffers()):
            if own.is_floating_point():
                own.copy_(other)
