"""Hands in a sitecustomize.py, which Python runs before anything else: in the end, all went well.

Stopped by: only the declared topic modules are taken from a submission, and Python starts in no folder of it.
"""

FILES = {"sitecustomize.py": "import atexit\nimport os\n\natexit.register(os._exit, 0)\n"}


def band(n, width, device="cpu"):
    return torch.zeros(n, n, device=device)
