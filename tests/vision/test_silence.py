"""Nobody is told about the user's machine: libraries that would are silent, and leave no mark of theirs behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from balefire.settings import CHECKOUT

LOOK = """
from pathlib import Path
from balefire.vision.runtimes import OnnxRuntime
from balefire.vision.bundles import champion_folders
OnnxRuntime((champion_folders(Path("models"), ["fire"])["fire"] / "model.onnx").read_bytes())
"""


def test_onnxruntime_makes_no_session_of_telemetry(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    mine = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", LOOK], cwd=CHECKOUT, env=environment | mine, check=True, timeout=120)
    assert list(tmp_path.iterdir()) == []
