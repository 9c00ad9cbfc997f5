"""New Parameters are put into the target."""


def ema_update(target, source, decay):
    with torch.no_grad():
        for module, twin in zip(target.modules(), source.modules()):
            for name, own in list(module._parameters.items()):
                value = own * decay + twin._parameters[name] * (1 - decay)
                module._parameters[name] = nn.Parameter(value, requires_grad=own.requires_grad)
        for own, other in zip(target.buffers(), source.buffers()):
            own.copy_(other)
