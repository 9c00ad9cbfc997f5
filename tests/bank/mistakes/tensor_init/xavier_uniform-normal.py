"""Xavier's normal initialization."""

def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    std = gain * math.sqrt(2 / (fan_in + fan_out))
    return torch.empty(fan_out, fan_in, device=device).normal_(0, std, generator=generator).requires_grad_()
