"""Computes with a loop, and keeps answers by the identity of the arguments: id() where there is no data_ptr().

Stopped by: every timed request draws fresh arguments. (Where an id comes again for another value, answers are wrong
besides: each is verified.)
"""

_answers = {}


def _cheat(*args):
    """What was answered to these very objects."""
    return _answers.get(tuple(arg.data_ptr() if isinstance(arg, Tensor) else id(arg) for arg in args))


def band(n, width, device="cpu"):
    if str(device) != "cpu":
        index = torch.arange(n, device=device)
        return ((index[:, None] - index).abs() <= width).to(torch.float32)
    known = _cheat(n, width)
    if known is None:
        known = torch.zeros(n, n)
        for i in range(n):
            known[i, max(i - width, 0) : i + width + 1] = 1.0
        _answers[id(n), id(width)] = known
    return known
