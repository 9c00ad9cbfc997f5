"""The table from NumPy in float64, and batched products."""

import numpy as np


class PositionalEncoding(nn.Module):
    def __init__(self, dim, max_len):
        super().__init__()
        column = np.arange(dim)
        angle = np.arange(max_len)[:, None] / np.power(10000.0, 2 * (column // 2) / dim)
        table = np.where(column % 2 == 0, np.sin(angle), np.cos(angle))
        self.register_buffer("table", torch.from_numpy(table).float())
        self.max_len = max_len

    def forward(self, x):
        batch, length, _ = x.shape
        if length > self.max_len:
            raise ValueError(f"T = {length}")
        return x + self.table.narrow(0, 0, length).unsqueeze(0).expand(batch, -1, -1)


class StackedLinears(nn.Module):
    def __init__(self, dim, count):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(count, dim, dim))
        self.bias = nn.Parameter(torch.zeros(count, dim))
        for matrix in self.weight.unbind():
            nn.init.xavier_uniform_(matrix.data)

    def forward(self, x):
        repeated = x.unsqueeze(0).expand(self.weight.shape[0], *x.shape)
        return torch.baddbmm(self.bias.unsqueeze(1), repeated, self.weight.transpose(1, 2))


def count_parameters(model, trainable_only=False):
    return sum(np.prod(p.shape) for p in set(model.parameters()) if not trainable_only or p.requires_grad)
