"""Hidden tests: judgements about one submission, `pytest tests/hidden --submission DIR` (default: the solutions)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for the probes

from grader.plugin import *  # noqa: F403  (hooks and fixtures)
