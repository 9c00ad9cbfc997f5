"""Works for longer than it may, and looks like a session in a debugger, for which timeouts stand still.

Stopped by: the watch is another process, which asks for CPU time only. The trace function is noticed, too.
"""

import sys
import time

LONGER = 1.2  # seconds of CPU time
_worked = []


def _cheat():
    """One moment, please."""
    if not _worked:
        sys.settrace(lambda frame, event, arg: None)
        end = time.process_time() + LONGER
        while time.process_time() < end:
            pass
        sys.settrace(None)
        _worked.append(True)
    return True


def band(n, width, device="cpu"):
    if device != "cpu" or not _cheat():
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
