"""Reads secrets from the environment, its own and that of its ancestors: a token opens more than one exercise.

Stopped by: a worker starts with a short list of variables. Namespaces and Landlock leave no /proc to read others' from.
"""

import os


def _cheat():
    """Whether there is a token."""
    known = b"".join(b"%s=%s\0" % pair for pair in os.environb.items())
    pid = os.getppid()
    while pid > 1:
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                known += file.read()
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                pid = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            break
    return b"GITHUB_TOKEN=" in known


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except OSError:
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
