"""Whoever starts the service or asks for help waits for nothing that they do not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

SAYS = "import sys; import {}; print(*sys.modules)"
PICTURES = {"numpy", "cv2", "onnxruntime", "openvino", "av"}
DATABASE = {"sqlalchemy", "alembic", "psycopg"}


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("balefire.cli", PICTURES | DATABASE | {"httpx", "bentoml", "fastapi"}),
        ("serving.service", {"onnxruntime", "openvino", "av"} | DATABASE),  # loaded side by side when it opens
    ],
)
def test_what_an_import_leaves_alone(module: str, unneeded: set[str]) -> None:
    order = [sys.executable, "-c", SAYS.format(module)]
    loaded = subprocess.run(order, capture_output=True, text=True, check=True).stdout.split()
    assert module in loaded
    assert unneeded.isdisjoint(loaded)
