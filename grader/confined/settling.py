"""Memory that many children will share, left so that each of them writes to few of its pages.

A page that a child writes to is copied, and to count a reference is to write. So whatever Python, torch and the
allocator do once is done before the first fork; what is allocated later comes from one place, not from gaps between
old objects; and the heap lies in huge pages, whose tables a fork copies, and an exit gives back, in no time.
"""

import ctypes
import gc
from collections.abc import Iterator
from pathlib import Path

HUGE = 2 << 20
MADV_HUGEPAGE, MADV_COLLAPSE = 14, 25
GAPS = (*range(1 << 16, 1 << 12, -(1 << 12)), *range(1 << 12, 1 << 10, -(1 << 8)), *range(1 << 10, 8, -16))  # in bytes


class _Info(ctypes.Structure):
    """What mallinfo2 returns."""

    _fields_ = (("others", ctypes.c_size_t * 9), ("keepcost", ctypes.c_size_t))


_libc = ctypes.CDLL(None)
_libc.malloc.restype, _libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
_libc.free.argtypes = [ctypes.c_void_p]
_libc.sbrk.restype, _libc.sbrk.argtypes = ctypes.c_void_p, [ctypes.c_ssize_t]
_libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def settle() -> None:
    """To be called before any fork, when all is imported that children need."""
    gc.collect()
    gc.freeze()
    if hasattr(_libc, "mallinfo2"):  # glibc from 2.33
        _fill_gaps()
    _collapse()


def _fill_gaps() -> None:
    """Take all free pieces of the heap and never give them back: some megabytes."""
    _libc.mallinfo2.restype = _Info
    top = _libc.sbrk(0) - _libc.mallinfo2().keepcost
    for size in GAPS:
        while (piece := _libc.malloc(size)) < top:
            pass
        _libc.free(piece)


def _collapse() -> None:
    """Put what lies in small pages into huge ones, as far as the kernel (from 6.1) can."""
    for start, end in _heaps():
        start = -(-start // HUGE) * HUGE
        length = (end - start) // HUGE * HUGE
        if length > 0:
            _libc.madvise(start, length, MADV_HUGEPAGE)
            _libc.madvise(start, length, MADV_COLLAPSE)


def _heaps() -> Iterator[tuple[int, int]]:
    """Where this process's own memory lies that is not of a file."""
    for line in Path("/proc/self/maps").read_text(encoding="ascii", errors="replace").splitlines():
        span, rights, _, _, _, *name = line.split()
        if rights == "rw-p" and name in ([], ["[heap]"]):
            start, end = (int(number, 16) for number in span.split("-"))
            yield start, end
