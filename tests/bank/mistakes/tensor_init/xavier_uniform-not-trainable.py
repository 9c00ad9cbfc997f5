"""requires_grad is forgotten."""

def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return torch.empty(fan_out, fan_in, device=device).uniform_(-bound, bound, generator=generator)
