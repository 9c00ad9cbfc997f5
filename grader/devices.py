"""Which device the gpu checks use."""

import os

import torch

from grader import accelerator

CHOICES = ("auto", "cpu", "sim", "cuda")


class DeviceError(Exception):
    """The device that was asked for is not there."""


def choose(wanted: str) -> str:
    """The device's name; auto is CUDA where there is one, else the simulated accelerator.

    Asking does not initialise CUDA, so that the process may still be forked.
    """
    if wanted not in CHOICES:
        raise DeviceError(f"unknown device {wanted!r}: choose from {', '.join(CHOICES)}")
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise DeviceError("no CUDA device is available here: use --device sim or auto")
    if wanted == "auto":
        return "cuda" if there else accelerator.NAME
    return wanted
