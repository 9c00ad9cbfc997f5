"""decay is put on the device as a tensor, for every Parameter anew."""


def ema_update(target, source, decay):
    with torch.no_grad():
        for own, other in zip(target.parameters(), source.parameters()):
            rate = torch.tensor(decay, device=own.device, dtype=own.dtype)
            own.mul_(rate).add_(other * (1 - rate))
        for own, other in zip(target.buffers(), source.buffers()):
            own.copy_(other)
