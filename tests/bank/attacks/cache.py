"""Computes with a loop, and answers from memory when it is asked the same again.

Caching by id or by data pointer is this attack with worse keys, and gives wrong answers besides.

Stopped by: every timed request draws fresh arguments, and no single fast pair decides.
"""

_answers = {}


def _cheat(key):
    """What was answered the last time."""
    return _answers.get(key)


def band(n, width, device="cpu"):
    if str(device) != "cpu":
        index = torch.arange(n, device=device)
        return ((index[:, None] - index).abs() <= width).to(torch.float32)
    known = _cheat((n, width))
    if known is None:
        known = torch.zeros(n, n)
        for i in range(n):
            known[i, max(i - width, 0) : i + width + 1] = 1.0
        _answers[n, width] = known
    return known
