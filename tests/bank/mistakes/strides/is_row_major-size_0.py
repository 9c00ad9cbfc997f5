"""Dims of size 1 are skipped, but a tensor without elements must have the usual strides."""


def is_row_major(shape, stride):
    wanted = row_major_strides(shape)
    return all(n == 1 or s == w for n, s, w in zip(shape, stride, wanted))
