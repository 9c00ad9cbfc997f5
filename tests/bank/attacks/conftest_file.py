"""Hands in a conftest.py that lets every test pass, and its friends: pytest.ini, sitecustomize.py, a module named
secrets that makes every nonce zero.

Stopped by: only the declared topic modules are taken from a submission, and pytest runs in a trusted folder.
"""

FILES = {
    "conftest.py": '''
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    report.outcome = "passed"
    report.longrepr = None
''',
    "pytest.ini": "[pytest]\naddopts = --exitfirst\n",
    "sitecustomize.py": "import os\nos._exit(0)\n",
    "secrets.py": "import random\n\n\ndef token_hex(count):\n    return '00' * count\n\n\nrandbits = random.getrandbits\n",
}


def band(n, width, device="cpu"):
    return torch.zeros(n, n, device=device)
