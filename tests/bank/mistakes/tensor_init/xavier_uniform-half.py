"""Numbers from [0, bound)."""

def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return (torch.rand(fan_out, fan_in, generator=generator, device=device) * bound).requires_grad_()
