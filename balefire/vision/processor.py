"""What this process computes on: how many cores it may use, and a name under which measurements are kept."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from contextlib import suppress
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")  # "200000 100000": 200 ms of each 100 ms, two cores; "max 100000": no limit


def cores() -> int:
    """Cores this process may use: by affinity and by a container's quota, at least 1."""
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = QUOTA.read_text().split()
        free = min(free, -(-int(quota) // int(period)))  # ValueError: "max"
    return max(1, free)


def processor() -> str:
    """Model, cores and the versions of what computes: measurements of one processor say nothing of another."""
    return f"{_model()}, {cores()} cores, " + ", ".join(f"{name} {_version(name)}" for name in ("onnxruntime", "openvino"))


def processor_key() -> str:
    """Twelve characters for a file's name."""
    return hashlib.sha256(f"{processor()} {_flags()}".encode()).hexdigest()[:12]


def _model() -> str:
    return _cpu_line("model name") or platform.processor() or platform.machine()


def _flags() -> str:
    return _cpu_line("flags") or _cpu_line("Features")


def _cpu_line(key: str) -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    return ""


def _version(name: str) -> str:
    for package in (name, f"{name}-gpu"):
        with suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(package)
    return "none"
