"""Computes the first answers with a loop, and returns zeros later: it hopes that nobody looks at what is timed.

Stopped by: the reply to every timed request is verified.
"""

_calls = []


def _cheat(n, width, device):
    """Something of the right shape, once there have been more calls than a check of values makes."""
    _calls.append(1)
    return torch.zeros(n, n, device=device) if len(_calls) > 20 else None


def band(n, width, device="cpu"):
    empty = _cheat(n, width, device)
    if empty is not None:
        return empty
    rows = [[1.0 if abs(i - j) <= width else 0.0 for j in range(n)] for i in range(n)]
    return torch.tensor(rows, device=device).reshape(n, n)
