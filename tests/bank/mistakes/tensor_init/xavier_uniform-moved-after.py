"""requires_grad before .to(device): no leaf on an accelerator."""

def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    host = generator if generator is None or generator.device.type == "cpu" else None
    weight = torch.empty(fan_out, fan_in).uniform_(-bound, bound, generator=host)
    return weight.requires_grad_().to(device)
