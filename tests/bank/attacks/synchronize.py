"""Replaces torch.cuda.synchronize and torch.cuda.Event with ones for which no time passes, and computes with a loop.

Stopped by: time is the CPU time of the child, read from outside; no clock or event of its own is asked.
"""


class _Event:
    def __init__(self, **options):
        pass

    def record(self, stream=None):
        pass

    synchronize = record

    def elapsed_time(self, end):
        return 0.0


def _cheat():
    """No time passes any more."""
    torch.cuda.Event = torch.Event = _Event
    torch.cuda.synchronize = lambda device=None: None



def band(n, width, device="cpu"):
    _cheat()
    rows = [[1.0 if abs(i - j) <= width else 0.0 for j in range(n)] for i in range(n)]
    return torch.tensor(rows, device=device).reshape(n, n)
