"""Gradients are switched off for the draw and on afterwards, though they may have been off before."""


def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    weight = torch.empty(fan_out, fan_in, dtype=torch.float32, device=device, requires_grad=True)
    torch.set_grad_enabled(False)
    weight.uniform_(-bound, bound, generator=generator)
    torch.set_grad_enabled(True)
    return weight
