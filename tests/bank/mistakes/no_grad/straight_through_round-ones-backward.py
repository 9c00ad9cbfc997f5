"""The own backward ignores the gradient from above."""


class _Ones(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.round()

    @staticmethod
    def backward(ctx, gradient):
        return torch.ones_like(gradient)


def straight_through_round(x):
    return _Ones.apply(x)
