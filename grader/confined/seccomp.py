"""seccomp: no new processes, programs, sockets, signals to others, or ways into the kernel's rarer rooms.

Threads stay possible. A denied call fails with EPERM; clone3 with ENOSYS, so that libc falls back to clone, whose flags
a filter can read.
"""

import ctypes
import errno
import struct

from grader.confined import kernel

_X86 = {
    "fork vfork": (57, 58),
    "execve execveat": (59, 322),
    "socket socketpair connect bind listen accept accept4": (41, 53, 42, 49, 50, 43, 288),
    "kill tkill rt_sigqueueinfo rt_tgsigqueueinfo": (62, 200, 129, 297),
    "pidfd_send_signal pidfd_open pidfd_getfd": (424, 434, 438),
    "ptrace process_vm_readv process_vm_writev kcmp process_madvise": (101, 310, 311, 312, 440),
    "unshare setns mount umount2 pivot_root chroot": (272, 308, 165, 166, 155, 161),
    "open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr": (428, 429, 430, 431, 432, 433, 442),
    "io_uring_setup io_uring_enter io_uring_register": (425, 426, 427),
    "bpf perf_event_open userfaultfd fanotify_init": (321, 298, 323, 300),
    "keyctl add_key request_key": (250, 248, 249),
    "init_module finit_module delete_module kexec_load kexec_file_load": (175, 313, 176, 246, 320),
    "reboot swapon swapoff acct settimeofday clock_settime adjtimex": (169, 167, 168, 163, 164, 227, 159),
    "name_to_handle_at open_by_handle_at": (303, 304),
    "shmget shmat shmctl semget semop semctl msgget msgsnd msgrcv msgctl": (
        *(29, 30, 31, 64, 65),
        *(66, 68, 69, 70, 71),
    ),
    "mq_open mq_unlink": (240, 241),
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat": (90, 91, 268, 452, 92, 93, 94, 260),
    "utime utimes utimensat futimesat": (132, 235, 280, 261),
    "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr": (188, 189, 190, 197, 198, 199),
    "sched_setaffinity sched_setscheduler sched_setparam sched_setattr setpriority": (203, 144, 142, 314, 141),
    "setrlimit setuid setgid setreuid setregid setresuid setresgid setgroups": (160, 105, 106, 113, 114, 117, 119, 116),
    "setpgid setsid capset personality": (109, 112, 126, 135),
}
_ARM = {
    "execve execveat": (221, 281),
    "socket socketpair connect bind listen accept accept4": (198, 199, 203, 200, 201, 202, 242),
    "kill tkill rt_sigqueueinfo rt_tgsigqueueinfo": (129, 130, 138, 240),
    "pidfd_send_signal pidfd_open pidfd_getfd": (424, 434, 438),
    "ptrace process_vm_readv process_vm_writev kcmp process_madvise": (117, 270, 271, 272, 440),
    "unshare setns mount umount2 pivot_root chroot": (97, 268, 40, 39, 41, 51),
    "open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr": (428, 429, 430, 431, 432, 433, 442),
    "io_uring_setup io_uring_enter io_uring_register": (425, 426, 427),
    "bpf perf_event_open userfaultfd fanotify_init": (280, 241, 282, 262),
    "keyctl add_key request_key": (219, 217, 218),
    "init_module finit_module delete_module kexec_load kexec_file_load": (105, 273, 106, 104, 294),
    "reboot swapon swapoff acct settimeofday clock_settime adjtimex": (142, 224, 225, 89, 170, 112, 171),
    "name_to_handle_at open_by_handle_at": (264, 265),
    "shmget shmat shmctl semget semop semctl msgget msgsnd msgrcv msgctl": (
        *(194, 196, 195, 190, 193),
        *(191, 186, 189, 188, 187),
    ),
    "mq_open mq_unlink": (180, 181),
    "fchmod fchmodat fchmodat2 fchown fchownat": (52, 53, 452, 55, 54),
    "utimensat": (88,),
    "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr": (5, 6, 7, 14, 15, 16),
    "sched_setaffinity sched_setscheduler sched_setparam sched_setattr setpriority": (122, 119, 118, 274, 140),
    "setrlimit setuid setgid setreuid setregid setresuid setresgid setgroups": (164, 146, 144, 145, 143, 147, 149, 159),
    "setpgid setsid capset personality": (154, 157, 91, 92),
}


class _Machine:
    """Numbers of one architecture."""

    def __init__(self, audit: int, denied: dict[str, tuple[int, ...]], clone: int, prlimit: int, tgkill: int) -> None:
        self.audit = audit
        self.denied = sorted(number for numbers in denied.values() for number in numbers)
        self.clone, self.prlimit, self.tgkill = clone, prlimit, tgkill


_MACHINES = {
    "x86_64": _Machine(0xC000003E, _X86, clone=56, prlimit=302, tgkill=234),
    "aarch64": _Machine(0xC00000B7, _ARM, clone=220, prlimit=261, tgkill=131),
}
_CLONE3, _PRCTL_NUMBERS = 435, {"x86_64": 157, "aarch64": 167}
_THREAD = 0x00010000
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_ERROR = 0x00050000

# BPF opcodes
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARG0, _ARG2 = 0, 4, 16, 32  # offsets in seccomp_data


def available() -> bool:
    """Whether there is a filter for this machine's processor."""
    return kernel.MACHINE in _MACHINES


def _op(code: int, k: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, k)


def _fail(number: int) -> bytes:
    return _op(_RETURN, _ERROR | number)


def program(pid: int) -> bytes:
    """The filter for a process with this id."""
    machine = _MACHINES[kernel.MACHINE]
    deny, allow = _fail(errno.EPERM), _op(_RETURN, _ALLOW)
    parts = [
        _op(_LOAD, _ARCH),
        _op(_EQUAL, machine.audit, 1, 0),
        _op(_RETURN, _KILL),
        _op(_LOAD, _NUMBER),
        _op(_AT_LEAST, 0x40000000, 0, 1),  # the x32 numbers
        _op(_RETURN, _KILL),
        _op(_EQUAL, _CLONE3, 0, 1),
        _fail(errno.ENOSYS),
        # clone: only threads
        *(_op(_EQUAL, machine.clone, 0, 4), _op(_LOAD, _ARG0), _op(_ANY_BIT, _THREAD, 0, 1), allow, deny),
        # tgkill: only this process
        *(_op(_EQUAL, machine.tgkill, 0, 4), _op(_LOAD, _ARG0), _op(_EQUAL, pid, 0, 1), allow, deny),
        # prlimit64: only reading, that is a null pointer for the new limit
        *(_op(_EQUAL, machine.prlimit, 0, 6), _op(_LOAD, _ARG2), _op(_EQUAL, 0, 0, 2)),
        *(_op(_LOAD, _ARG2 + 4), _op(_EQUAL, 0, 1, 0), deny, allow),
        # prctl: not the death signal, not dumpable
        *(_op(_EQUAL, _PRCTL_NUMBERS[kernel.MACHINE], 0, 5), _op(_LOAD, _ARG0)),
        *(_op(_EQUAL, kernel.PDEATHSIG, 2, 0), _op(_EQUAL, kernel.DUMPABLE, 1, 0), allow, deny),
    ]
    for number in machine.denied:
        parts += [_op(_EQUAL, number, 0, 1), deny]
    return b"".join([*parts, allow])


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict(pid: int) -> None:
    """Install the filter for good; needs no_new_privs."""
    code = program(pid)
    pointer = ctypes.byref(_Program(len(code) // 8, code))
    kernel.prctl(kernel.SECCOMP, 2, ctypes.cast(pointer, ctypes.c_void_p))
