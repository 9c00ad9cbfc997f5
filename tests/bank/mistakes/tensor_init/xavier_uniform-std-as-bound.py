"""The standard deviation is taken for the bound."""

def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    bound = gain * math.sqrt(2 / (fan_in + fan_out))
    return torch.empty(fan_out, fan_in, device=device).uniform_(-bound, bound, generator=generator).requires_grad_()
