"""Leaves its work to a thread that goes on after the answer. (The work is made up: what counts is who pays for it.)

Stopped by: CPU time is read once all threads sleep, so the thread's work is on the bill of the call that left it.
"""

import queue
import threading

_work = queue.SimpleQueue()


def _labour():
    torch.rand(30_000).sort()


def _cheat():
    """Somebody else does it, later."""
    if not any(thread.name == "later" for thread in threading.enumerate()):
        threading.Thread(target=_forever, name="later", daemon=True).start()
    _work.put(_labour)
    return True


def _forever():
    while True:
        _work.get()()


def band(n, width, device="cpu"):
    if str(device) == "cpu" and not _cheat():
        _labour()
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
