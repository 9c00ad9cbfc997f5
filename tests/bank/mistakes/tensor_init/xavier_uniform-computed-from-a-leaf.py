"""requires_grad comes first, so that the scaled result is no leaf."""

def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    weight = torch.rand(fan_out, fan_in, generator=generator, device=device, requires_grad=True)
    return (2 * weight - 1) * bound
