"""Functional calls on the parameters of the registered layers instead of calls of the layers."""

import math

import torch.nn.functional as F


class ParallelLinears(nn.Module):
    def __init__(self, dim, count):
        super().__init__()
        self.linear_list = nn.ModuleList(map(lambda _: nn.Linear(dim, dim), range(count)))

    def forward(self, x):
        weight = torch.stack([linear.weight for linear in self.linear_list])
        bias = torch.stack([linear.bias for linear in self.linear_list])
        out = torch.einsum("...i,koi->k...o", x, weight)
        return (out + bias.view(len(bias), *[1] * (x.dim() - 1), -1)).unbind(0)


class Classifier(nn.Module):
    def __init__(self, in_dim=128, hidden=128, classes=2):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(in_dim, hidden), nn.ReLU(), nn.Linear(hidden, classes))

    def forward(self, x):
        first, _, last = self.layers
        return F.linear(F.relu(F.linear(x, first.weight, first.bias)), last.weight, last.bias)


class PositionalEncoding(nn.Module):
    def __init__(self, dim, max_len):
        super().__init__()
        table = torch.tensor(
            [
                [
                    (math.cos if column % 2 else math.sin)(p * math.exp(-math.log(10000) * (column - column % 2) / dim))
                    for column in range(dim)
                ]
                for p in range(max_len)
            ]
        )
        self.table = nn.Buffer(table)

    def forward(self, x):
        if not x.shape[-2] <= len(self.table):
            raise ValueError("sequence too long: " + str(tuple(x.shape)))
        return torch.add(x, F.embedding(torch.arange(x.shape[-2], device=x.device), self.table))


class StackedLinears(nn.Module):
    def __init__(self, dim, count):
        super().__init__()
        linears = [nn.Linear(dim, dim) for _ in range(count)]
        self.weight = nn.Parameter(torch.stack([linear.weight.detach() for linear in linears]))
        self.bias = nn.Parameter(torch.stack([linear.bias.detach() for linear in linears]))

    def forward(self, x):
        count, dim, _ = self.weight.shape
        out = F.linear(x, self.weight.reshape(count * dim, dim), self.bias.flatten())
        return out.view(len(x), count, dim).transpose(0, 1)


def count_parameters(model, trainable_only=False):
    unique = {id(p): p for p in model.parameters()}.values()
    return int(sum(np.prod(tuple(p.shape)) for p in unique if p.requires_grad >= trainable_only))


import numpy as np  # noqa: E402
