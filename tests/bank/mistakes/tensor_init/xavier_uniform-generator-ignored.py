"""The generator argument is not used."""

def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    weight = torch.empty(fan_out, fan_in, device=device, requires_grad=True)
    return torch.nn.init.xavier_uniform_(weight, gain)
