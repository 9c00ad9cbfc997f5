"""Computes on the CPU, in a thread of its own, where a trace of this thread sees neither the work nor the copy.

Stopped by: the accelerator counts copies itself, on whatever thread.
"""

import threading


def _cpu(n, width, device):
    index = torch.arange(n)
    return ((index[:, None] - index).abs() <= width).to(torch.float32).to(device)


def _cheat(n, width, device):
    """The answer, from a thread."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(_cpu(n, width, device)))
    thread.start()
    thread.join()
    return answers[0]


def band(n, width, device="cpu"):
    answer = _cheat(n, width, device) if str(device) != "cpu" else None
    return _cpu(n, width, device) if answer is None else answer
