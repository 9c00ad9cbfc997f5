"""The confined side: all that shares a process with student code. It imports nothing from the scoring side."""
