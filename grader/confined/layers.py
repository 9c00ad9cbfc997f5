"""Which walls this machine offers, and putting them up: once around the zygote, then around each child.

    namespaces   own users, processes, mounts, network, IPC, host name: a file system of libraries only, no network
    landlock     files outside an allow-list, TCP, signals and abstract sockets
    seccomp      new processes, programs, sockets and the kernel's rarer calls
    uid          a root grader hands its children an id that owns nothing
    rlimits      CPU, memory, threads, file sizes, open files

Each is tried and reported by name; none is needed for another to work.
"""

import os
import resource
import site
import stat
import sys
import sysconfig
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.confined import kernel, landlock, seccomp

ALL = ("namespaces", "landlock", "seccomp", "uid", "rlimits")
SPACES = kernel.NEWUSER | kernel.NEWPID | kernel.NEWNS | kernel.NEWNET | kernel.NEWIPC | kernel.NEWUTS
INSIDE_ID = 1000
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
GPU_DEVICES = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-caps")
SCRATCH = "/scratch"  # not /tmp, where a virtual environment may lie
SCRATCH_OPTIONS = "size=16m,nr_inodes=1024,mode=700"
# All children have one id: that they keep to their own folders is up to names, which nobody can list or guess.
SCRATCHES_OPTIONS = "size=1m,mode=111"


@dataclass(frozen=True)
class Limits:
    """What one child may use in all. The worker's watch on CPU time comes first; this is its backstop."""

    cpu_seconds: int = 60
    memory: int = 2 << 30  # beyond what the zygote has mapped
    threads: int = 128
    open_files: int = 64
    file_size: int = 16 << 20


@dataclass(frozen=True)
class Plan:
    """The walls that are up, decided once for a run."""

    layers: tuple[str, ...]
    read: tuple[str, ...]
    devices: tuple[str, ...]
    landlock_abi: int
    cuda: bool

    def has(self, layer: str) -> bool:
        return layer in self.layers

    def described(self) -> list[str]:
        """The walls with what is worth knowing about them."""
        words = {
            "namespaces": "namespaces (user, pid, mount, net, ipc, uts)",
            "landlock": f"landlock (ABI {self.landlock_abi})",
            "uid": "unprivileged uid",
        }
        return [words.get(name, name) for name in self.layers]

    def missing(self) -> list[str]:
        """Walls that are not up here."""
        expected = ALL if os.geteuid() == 0 or self.has("uid") else tuple(n for n in ALL if n != "uid")
        return [name for name in expected if name not in self.layers]


def libraries() -> list[str]:
    """The folders of Python and its packages, and of the system's shared libraries; nothing above them."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    found = [sysconfig.get_path(name) for name in names]
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    found += [sysconfig.get_path(name, vars=base) for name in names]
    found += [os.path.dirname(os.path.dirname(os.__file__)), *site.getsitepackages()]
    found += [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    system = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/usr/share/zoneinfo"]
    folders = [os.path.realpath(path) for path in (*found, *system) if os.path.exists(path)]
    return _outermost(folders)


def _outermost(paths: list[str]) -> list[str]:
    """Without paths that lie below another one."""
    unique = sorted(set(paths))
    return [p for p in unique if not any(p != q and p.startswith(q.rstrip("/") + "/") for q in unique)]


def plan(*, cuda: bool = False, without: frozenset[str] = frozenset()) -> Plan:
    """What this machine offers. `without` takes walls away, for tests of what each is good for."""
    abi = landlock.abi() if "landlock" not in without else 0
    namespaces = "namespaces" not in without and namespaces_work()
    offered = {
        "namespaces": namespaces,
        "landlock": abi > 0,
        "seccomp": seccomp.available(),
        "uid": os.geteuid() == 0 and (namespaces or all(map(reachable, libraries()))),
        "rlimits": True,
    }
    cpu = ("/proc/cpuinfo", "/sys/devices/system/cpu")
    gpu = ("/proc", "/sys", "/usr/local/nvidia", "/usr/local/cuda", "/etc/nvidia") if cuda else ()
    read = _outermost([*libraries(), *(path for path in (*cpu, *gpu) if os.path.exists(path))])
    return Plan(
        layers=tuple(name for name in ALL if offered[name] and name not in without),
        read=tuple(read),
        devices=DEVICES + (GPU_DEVICES if cuda else ()),
        landlock_abi=abi,
        cuda=cuda,
    )


def reachable(path: str) -> bool:
    """Whether any user may walk to this file or folder and read it; root's Python may live below /root."""
    readable = os.stat(path).st_mode & (0o004 if os.path.isfile(path) else 0o001)
    return bool(readable) and all(folder.stat().st_mode & 0o001 for folder in Path(path).parents)


def namespaces_work() -> bool:
    """Try in a child process: some systems forbid unprivileged user namespaces."""
    child = os.fork()
    if child == 0:
        try:
            kernel.unshare(SPACES)
            kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
            os._exit(0)
        except OSError:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


# --- around the zygote -------------------------------------------------------------------------------------------


def die_first() -> None:
    """When memory runs out, the kernel is to kill this process and its children, not the grader."""
    with suppress(OSError):  # a container may have /proc read-only
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def enter(plan: Plan) -> None:
    """Change the id and go into namespaces of this process's own; its next child is their first process."""
    own = os.open("/proc/self", os.O_PATH | os.O_CLOEXEC)  # the new root has no /proc
    root = plan.has("uid")
    if plan.has("namespaces") and root:  # root reaches libraries that the new id could not walk to
        kernel.unshare(kernel.NEWNS)
        _build_root(plan.read + plan.devices)
    if root:
        become(unused_id())
    if plan.has("namespaces"):
        _unshare_all(own)
        if not root:
            _build_root(plan.read + plan.devices)
        kernel.mount("tmpfs", SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, SCRATCHES_OPTIONS)
    os.close(own)


def unused_id() -> int:
    """A user id that no account has, different for each zygote."""
    return (1 << 20) + os.getpid()


def become(number: int) -> None:
    """Be this user and group, and in no other group."""
    os.setgroups([])
    os.setresgid(number, number, number)
    os.setresuid(number, number, number)


def _unshare_all(own: int) -> None:
    outside = os.geteuid(), os.getegid()
    kernel.prctl(kernel.DUMPABLE, 1)  # or /proc/self belongs to root
    kernel.unshare(SPACES)
    maps = {"setgroups": "deny", "uid_map": f"{INSIDE_ID} {outside[0]} 1", "gid_map": f"{INSIDE_ID} {outside[1]} 1"}
    for name, text in maps.items():
        fd = os.open(name, os.O_WRONLY | os.O_CLOEXEC, dir_fd=own)
        os.write(fd, text.encode())
        os.close(fd)


def _build_root(paths: tuple[str, ...]) -> None:
    """A root of its own that holds only these paths. They are opened first, since the new root is built over /tmp."""
    doors = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in paths if os.path.exists(path)}
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", "/tmp", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
    for path, fd in doors.items():
        target = f"/tmp{path}"
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        kernel.mount(f"/proc/self/fd/{fd}", target, flags=kernel.MS_BIND | kernel.MS_REC)
        os.close(fd)
    os.makedirs(f"/tmp{SCRATCH}", exist_ok=True)
    os.chdir("/tmp")
    kernel.pivot_root_here()


def new_scratch(plan: Plan) -> str | None:
    """A file system for one child, in memory, so that a full one is nobody else's; none without namespaces."""
    if not plan.has("namespaces"):
        return None
    path = f"{SCRATCH}/{os.urandom(16).hex()}"
    os.mkdir(path, 0o700)
    kernel.mount("tmpfs", path, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, SCRATCH_OPTIONS)
    return path


def remove_scratch(path: str) -> None:
    """With all that a child left in it, however deep or forbidden."""
    kernel.unmount(path)
    os.rmdir(path)


# --- around each child -------------------------------------------------------------------------------------------


def confine(plan: Plan, limits: Limits, mapped: int, scratch: str | None) -> None:
    """Put up what a child has of its own; from here on it can only lose rights. `mapped`: the zygote's memory."""
    if scratch:
        os.chdir(scratch)
    if plan.has("namespaces") or os.geteuid() == 0:
        kernel.drop_capabilities()
    if plan.has("rlimits"):
        _limit(plan, limits, mapped)
    kernel.prctl(kernel.DUMPABLE, 0)
    kernel.prctl(kernel.NO_NEW_PRIVS, 1)
    if plan.has("landlock"):
        write = (scratch,) if scratch else ()
        landlock.restrict(plan.landlock_abi, read=plan.read, write=write, devices=plan.devices)
    if plan.has("seccomp"):
        seccomp.restrict(os.getpid())


def _limit(plan: Plan, limits: Limits, mapped: int) -> None:
    table = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if not plan.cuda:  # CUDA maps all of its device's memory into the address space
        table[resource.RLIMIT_AS] = mapped + limits.memory
    if plan.has("namespaces") or plan.has("uid"):  # elsewhere the user's other processes count, too
        table[resource.RLIMIT_NPROC] = limits.threads
    for kind, value in table.items():
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # Beyond the soft limit on CPU time comes SIGXCPU, which says what happened; beyond the hard one SIGKILL.
        resource.setrlimit(kind, (value, value + 1 if kind == resource.RLIMIT_CPU else value))
