"""Pull requests (GitHub) and merge requests (GitLab): fetch a student's files as data, and report what they earned.

The commands run in jobs that hold a token and run no code of a student; the grading between them has no token.
"""
