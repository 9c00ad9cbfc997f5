"""gradkit: auto-graded PyTorch exercises, and a grader whose verdicts can be trusted."""

__version__ = "0.1.0"
