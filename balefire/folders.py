"""Where data, weights and runs lie: the `BALEFIRE_*` folders that both the programs and the tests ask for."""

from __future__ import annotations

import os
from pathlib import Path

from balefire.domain.errors import BadSetting


def datasets_folder() -> Path:
    """`BALEFIRE_DATASETS`: the labelled pictures. Raises BadSetting where it is unset or no folder."""
    value = os.environ.get("BALEFIRE_DATASETS")
    if not value:
        raise BadSetting("BALEFIRE_DATASETS is not set: it names the folder of the labelled pictures")
    folder = Path(value).expanduser().resolve()
    if not folder.is_dir():
        raise BadSetting(f"BALEFIRE_DATASETS: {folder} is no folder")
    return folder


def weights_folders() -> list[Path]:
    """Searched for starting weights: `BALEFIRE_WEIGHTS` (several, joined by the path separator), then the working folder."""
    named = [Path(part).expanduser() for part in os.environ.get("BALEFIRE_WEIGHTS", "").split(os.pathsep) if part]
    return [*named, Path.cwd()]


def runs_folder() -> Path:
    """`BALEFIRE_RUNS`: training runs and prepared sets; the user's cache folder by default, outside the checkout."""
    default = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "balefire" / "runs"
    return Path(os.environ.get("BALEFIRE_RUNS") or default).expanduser().resolve()
