"""The table by stacking and cutting, vmap for the stacked maps, and a Sequential of residual modules."""


class ResidualMLP(nn.Module):
    def __init__(self, dim, depth):
        super().__init__()
        self.blocks = nn.ModuleList([])
        for _ in range(depth):
            self.blocks.append(nn.ModuleDict({"a": nn.Linear(dim, dim), "act": nn.ReLU(), "b": nn.Linear(dim, dim)}))

    def forward(self, x):
        state = x
        for block in self.blocks:
            inner = block["a"](state)
            state = state.add(block["b"](torch.where(inner > 0, inner, torch.zeros_like(inner))))
        return state


class PositionalEncoding(nn.Module):
    def __init__(self, dim, max_len):
        super().__init__()
        i = torch.arange(0, dim + 1, 2, dtype=torch.float64)
        angle = torch.outer(torch.arange(max_len, dtype=torch.float64), torch.exp(-i * (math.log(10000.0) / dim)))
        both = torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)
        self.register_buffer("table", both[:, :dim].to(torch.get_default_dtype()).contiguous())

    def forward(self, x):
        length = x.size(-2)
        if length > self.table.shape[0]:
            raise ValueError("x exceeds max_len")
        result = x.clone()
        result += self.table[:length]
        return result


class StackedLinears(nn.Module):
    def __init__(self, dim, count):
        super().__init__()
        self.weight = nn.Parameter(torch.eye(dim).repeat(count, 1, 1) + 0.01 * torch.randn(count, dim, dim))
        self.register_parameter("bias", nn.Parameter(torch.rand(count, dim)))

    def forward(self, x):
        return torch.func.vmap(nn.functional.linear, in_dims=(None, 0, 0))(x, self.weight, self.bias)


def collect_state(model):
    state = {}
    for prefix, module in model.named_modules(remove_duplicate=False):
        module._save_to_state_dict(state, prefix + "." if prefix else "", False)
    return state
