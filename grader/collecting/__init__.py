"""How submissions are found, chosen and read; grader.collect is the face."""
