"""Each Parameter of the source is looked up in a dict that is built anew for it."""


def ema_update(target, source, decay):
    with torch.no_grad():
        for name, own in target.named_parameters():
            own.mul_(decay).add_(dict(source.named_parameters())[name], alpha=1 - decay)
        for name, own in target.named_buffers():
            own.copy_(dict(source.named_buffers())[name])
