"""Works for longer than it may, and swallows every exception and signal that would stop it.

Stopped by: the watch is another process, which kills. (Behind it stands the kernel's limit on CPU time.)
"""

import signal
import time

LONGER = 1.2  # seconds of CPU time
_worked = []


def _cheat():
    """Nothing that is raised or delivered in this process ends it."""
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGXCPU):
        signal.signal(number, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 0)
    end = time.process_time() + LONGER
    while time.process_time() < end:
        try:
            sum(range(10_000))
        except BaseException:
            continue
    return True


def band(n, width, device="cpu"):
    if not _worked and device == "cpu":
        _worked.append(_cheat())
    if not _worked or not _worked[0]:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
