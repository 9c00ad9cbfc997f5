"""The two scripts of a Gradescope autograder. Placeholders are @NAME@, for braces and dollars belong to the shell."""

import json

# The result where there is none; students see it, so it gives no reason.
FAILED = json.dumps(
    {
        "output": "The grader could not do its work here, so nothing was graded and there is no score. "
        "This says nothing about the submission. Instructors find the reason in the output of the autograder.",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
    }
)

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image; nothing else need be there yet.
set -euo pipefail
umask 022 # students' code reads Python's libraries as a user that owns nothing
export DEBIAN_FRONTEND=noninteractive
home=@HOME@

suitable() { # the first Python that is new enough and can make an environment
    local name
    for name in python3.11 python3.12 python3.13 python3; do
        if "$name" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

# Ubuntu 22.04 has Python 3.10, and 3.11 only as a release candidate: uv brings a released one.
if ! python=$(suitable); then
    apt-get update
    apt-get install -y python3-venv ca-certificates
    python3 -m venv "$home/uv"
    "$home/uv/bin/pip" install --quiet uv==@UV@
    export UV_PYTHON_INSTALL_DIR="$home/python"
    "$home/uv/bin/uv" python install 3.11
    python=$("$home/uv/bin/uv" python find --managed-python 3.11)
fi

"$python" -m venv "$home/venv"
cat >"$home/constraints.txt" <<'END'
@CONSTRAINTS@
END
install() { "$home/venv/bin/pip" install --quiet --disable-pip-version-check -c "$home/constraints.txt" "$@"; }
# The build for the CPU, alone from its own index; what it needs comes from PyPI.
install --no-deps --index-url https://download.pytorch.org/whl/cpu torch
install @REQUIREMENTS@
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission, as root, in /autograder.
root=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$root/results"
# Whatever ends the grader, there is a result that says so.
cat >"$root/results/results.json" <<'END'
@FAILED@
END
exec 2>&1 # instructors see what is printed, students don't
chmod -R go-rwx "$root/source" || exit 0 # the tests and solutions are nobody else's
cd "$root/source" || exit 0
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
"${GRADKIT_PYTHON:-@HOME@/venv/bin/python}" -m grader.gradescope "$root"@OPTIONS@
exit 0
"""
