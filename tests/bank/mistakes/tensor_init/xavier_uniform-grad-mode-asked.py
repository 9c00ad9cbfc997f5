"""The weight asks for gradients only where grad mode is on, not under no_grad."""


def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    weight = torch.empty(fan_out, fan_in, dtype=torch.float32, device=device)
    return torch.nn.Parameter(weight.uniform_(-bound, bound, generator=generator), requires_grad=torch.is_grad_enabled())
