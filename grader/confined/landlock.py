"""Landlock: a process gives up the file system but for an allow-list, TCP, and signals to the outside."""

import ctypes
import os
import stat
from collections.abc import Iterable

from grader.confined import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
READ = 1 << 2 | 1 << 3  # READ_FILE, READ_DIR
FILE_RIGHTS = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15  # what a rule on a file that is no folder may hold
READ_WRITE_FILE = 1 << 1 | 1 << 2
LAST_FS_BIT = {1: 12, 2: 13, 3: 14, 4: 14, 5: 15}
TCP = 0b11  # bind, connect; from ABI 4
SCOPES = 0b11  # abstract sockets, signals; from ABI 6


def abi() -> int:
    """The kernel's version of Landlock; 0 where there is none."""
    try:
        return kernel.syscall(CREATE_RULESET, 0, 0, 1, name="landlock")
    except OSError:
        return 0


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("fd", ctypes.c_int32))


def restrict(version: int, *, read: Iterable[str], write: Iterable[str] = (), devices: Iterable[str] = ()) -> None:
    """Deny everything to this process but reading below `read` and all use of files below `write`.

    `devices` are files that may be read and written as they are.
    """
    all_fs = (1 << (LAST_FS_BIT.get(version, 15) + 1)) - 1
    attributes = (ctypes.c_uint64 * 3)(all_fs, TCP if version >= 4 else 0, SCOPES if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = kernel.syscall(CREATE_RULESET, attributes, size, 0, name="landlock_create_ruleset")
    for paths, rights in ((read, READ), (write, all_fs & ~1), (devices, READ_WRITE_FILE)):
        for path in paths:
            _allow(ruleset, path, rights & all_fs)
    kernel.syscall(RESTRICT_SELF, ruleset, 0, name="landlock_restrict_self")
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    if not stat.S_ISDIR(os.fstat(fd).st_mode):
        rights &= FILE_RIGHTS
    rule = _PathBeneath(rights, fd)
    kernel.syscall(ADD_RULE, ruleset, 1, ctypes.byref(rule), 0, name="landlock_add_rule")
    os.close(fd)
