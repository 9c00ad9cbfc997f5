"""nn.Linear draws its own numbers from the global generator first."""

def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    weight = torch.nn.Linear(fan_in, fan_out, bias=False, device=device).weight
    return torch.nn.init.xavier_uniform_(weight, gain, generator)
