"""`balefire bench`: measure the service on this machine."""

from __future__ import annotations

import os
import sys

import typer

from balefire.domain.errors import BadSetting
from balefire.settings import CHECKOUT


def bench(context: typer.Context) -> None:
    """Measure the service here: ratios, or --cameras N, --soak MINUTES, --kill N. All of its options: balefire bench --help."""
    if not (CHECKOUT / "serving" / "bench").is_dir():
        raise BadSetting("balefire bench runs from a checkout: serving/bench is not here")
    os.chdir(CHECKOUT)
    os.execv(sys.executable, [sys.executable, "-m", "serving.bench", *context.args])
