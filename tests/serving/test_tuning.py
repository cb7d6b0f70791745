"""A start on a new machine: the first frame is answered by the safe choice, then what was measured takes over by itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from balefire.vision.openvino_runtime import has_openvino, openvino_has_bf16
from tests.serving import pictures
from tests.serving.service import Service, running

LONGEST_S = 240


def runs(service: Service) -> dict[str, Any]:
    with service.client() as client:
        assert client.post("/v1/detect", content=pictures.noise(1)).status_code == 200  # whoever runs answers
        return dict(client.get("/v1/bundles").json()["items"][0])


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_what_is_measured_takes_over_while_the_service_runs(tmp_path: Path) -> None:
    with running(tmp_path / "state", tune="true", detectors="thermal") as service:
        first = runs(service)
        assert (first["runtime"], first["precision"], first["threads"]) == ("onnxruntime", "fp32", 1)
        assert first["reason"] == "not measured yet: the safe choice"
        until = time.monotonic() + LONGEST_S
        while (then := runs(service))["reason"] == first["reason"] and time.monotonic() < until:
            time.sleep(0.5)
        assert then["reason"].startswith("measured here: ")
        while then["reason"] not in service.log.read_text():  # written once it is in force
            assert time.monotonic() < until, "it was never said"
            time.sleep(0.1)
        (kept,) = (service.state / "tuning").iterdir()
        measured_at = kept.stat().st_mtime
        service.stop()
        service.start()
        assert runs(service) == then, "the next start knows"
        assert kept.stat().st_mtime == measured_at


@pytest.mark.skipif(not (has_openvino() and openvino_has_bf16()), reason="no OpenVINO, or no bfloat16 in this processor")
def test_a_runtime_and_a_precision_may_be_asked_for_by_name(tmp_path: Path) -> None:
    with running(tmp_path / "state", runtime="openvino", precision="bf16", workers="1", detectors="thermal") as service:
        found = runs(service)
    assert (found["runtime"], found["precision"], found["workers"]) == ("openvino", "bf16", 1)
    assert found["reason"].startswith("asked for by the settings")
