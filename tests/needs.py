"""Tests skip with a reason where a part of the machine is missing; where `CI` is set, missing it is a failure."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def missing(reason: str) -> None:
    """Skip, or fail in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def program(*names: str, below: str = "") -> str:
    """The path of the first program that is there: on the path, or in the folder pattern `below` (without its first /)."""
    for name in names:
        found = next(map(str, sorted(Path("/").glob(f"{below}/{name}"))), None) if below else shutil.which(name)
        if found:
            return found
    missing(f"needs {' or '.join(names)}")
    raise AssertionError


def datasets() -> Path:
    """The labelled pictures."""
    folder = os.environ.get("BALEFIRE_DATASETS")
    if not folder:
        missing("BALEFIRE_DATASETS is not set: no labelled pictures here")
    assert folder
    return Path(folder)
