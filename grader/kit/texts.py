"""The kit's own texts: its README and its pyproject.toml."""

from collections.abc import Sequence

PYPROJECT = """\
# What the exercises need. The folder `grader` is used from here; nothing of it is installed.
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "gradkit-exercises"
version = "{version}"
description = "PyTorch exercises with their public tests"
readme = "README.md"
requires-python = ">=3.11"
dependencies = [{dependencies}]

[tool.setuptools]
py-modules = []

[tool.pytest.ini_options]
minversion = "8.4"
pythonpath = ["."]
testpaths = ["exercises"]
addopts = ["--strict-markers", "--import-mode=importlib"]
markers = [
    "correctness: values, shapes, errors, flags",
    "gpu: what a task does on an accelerator",
    "speed: CPU time against a loop",
]
"""
DEPENDENCIES = ("torch>=2.13", "numpy>=1.26", "pytest>=8.4")
README = """\
# Exercises

You write the functions and classes in `exercises/`. Each says what it has to do; the tests beside it try the main
cases. You need Python 3.11 or newer; no GPU. Run everything in the folder that this file lies in.

## Install

Linux and macOS:

```sh
python3 -m venv .venv
.venv/bin/python -m pip install -e .
```

Windows (PowerShell):

```powershell
py -m venv .venv
.venv\\Scripts\\python -m pip install -e .
```

On Linux, pip installs torch with CUDA, some gigabytes. For the small build, run this first:
`.venv/bin/python -m pip install torch --index-url https://download.pytorch.org/whl/cpu`

## Run the tests

Linux and macOS: `.venv/bin/python -m pytest exercises/`

Windows: `.venv\\Scripts\\python -m pytest exercises\\`

| add | to run |
|---|---|
| `exercises/test_{example}.py` instead of `exercises/` | the tests of one topic |
| `-k NAME` | tests whose name holds NAME |
| `-m "not speed"` | all but the speed tests, which want a quiet computer |
| `-x` | until the first failure |

**Not started** means that the task still holds its `raise NotImplementedError(…)`. That is no failure, only work to
do: replace the line by your code, and the task's tests will pass or fail. The run ends with success once nothing is
left and nothing fails.

The tests marked `gpu` look at where your code computes. Without a GPU they run on a simulated accelerator, which
computes real values and, as a GPU does, refuses to mix its tensors with those of the CPU. There is nothing to install
for it.

Your code will be graded by more tests than these, on other inputs: passing here is a good sign, and no proof.

## Hand in

Hand in these files, as they are or in a zip; your course says where. You may hand in a notebook of the same name,
`{example}.ipynb`, instead of a module.

{files}

Keep their names and those of the functions. Files of your own are not read, nor are changed tests.

Where your course works with pull requests (on GitLab: merge requests), open one from your fork instead. The public
tests run on it, and once the hidden tests have run, a comment says how many points you have. Each push is graded anew.

## When the course hands out a new version

What you have edited stays as it is.
"""


def pyproject(version: str) -> str:
    dependencies = ", ".join(f'"{dependency}"' for dependency in DEPENDENCIES)
    return PYPROJECT.format(version=version, dependencies=dependencies)


def readme(topics: Sequence[str]) -> str:
    files = "\n".join(f"- `exercises/{topic}.py`" for topic in topics)
    return README.format(example=topics[0] if topics else "topic", files=files)
