"""Starts a thousand threads, with stacks so small that the limit on memory lets them pass, and keeps them.

Stopped by: the limit on processes, where the id is the child's own; everywhere by the grader, which counts the threads
when the answer comes and while it waits.
"""

import _thread
import threading

_count = []


def _cheat():
    """Whether they all run."""
    if not _count:
        threading.stack_size(32 << 10)
        wait = _thread.allocate_lock()
        wait.acquire()
        for _ in range(1000):
            _thread.start_new_thread(wait.acquire, ())
        _count.append(wait)
    return True


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except (RuntimeError, MemoryError):
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
