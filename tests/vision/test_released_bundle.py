"""What lies in `models/` is what it says, and sees again what it saw when it was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from balefire.domain.detection import Hazard
from balefire.vision.bundles import read_bundle, read_catalog
from balefire.vision.detector import Detector, load_detector
from balefire.vision.golden import check_golden
from balefire.vision.image import decode, read_header, to_jpeg

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture(scope="module")
def fire() -> Detector:
    return load_detector(read_catalog(MODELS)["fire"], "onnxruntime", threads=2)


def test_every_bundle_loads_and_lies_where_its_name_says() -> None:
    """Older versions too: a rollback has to work."""
    folders = [path.parent for path in MODELS.glob("*/*/bundle.toml")]
    assert set(read_catalog(MODELS).values()) <= set(folders)
    for folder in folders:
        bundle = read_bundle(folder)
        assert folder == MODELS / bundle.name / bundle.version
        assert bundle.licence
        assert {"recipe", "data", "code", "weights"} <= set(bundle.provenance)
        for name in ("card.md", "LICENSE", "weights.pt", "golden/boxes.json"):
            assert (folder / name).is_file(), f"{folder} has no {name}"


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_champions_see_their_golden_pictures(runtime: str) -> None:
    if runtime == "openvino":
        pytest.importorskip("openvino")
    for folder in read_catalog(MODELS).values():
        assert check_golden(load_detector(folder, runtime, threads=2)) >= 0.97


def test_fire_tells_flame_and_smoke(fire: Detector) -> None:
    assert fire.bundle.hazards == {"flame": Hazard.FLAME, "smoke": Hazard.SMOKE}
    assert all(0.05 < threshold < 0.95 for threshold in fire.bundle.thresholds.values())


WHITE_OUT = "the released fire detector calls a white-out smoke"


@pytest.mark.parametrize("value", [0, 114, 200, pytest.param(255, marks=pytest.mark.xfail(reason=WHITE_OUT, strict=True))])
def test_fire_is_calm_before_a_blank_picture(fire: Detector, value: int) -> None:
    assert fire.look(np.full((720, 1280, 3), value, np.uint8)) == []


def test_a_scaled_decode_shows_the_same_hazards(fire: Detector) -> None:
    """A golden picture at three times its size, decoded whole and at the least that is needed."""
    pictures = sorted(path for path in (fire.folder / "golden").iterdir() if path.suffix in (".jpg", ".png"))
    compared = 0
    for path in pictures:
        data = path.read_bytes()
        large = to_jpeg(decode(data, read_header(data)).repeat(3, axis=0).repeat(3, axis=1), quality=95)
        header = read_header(large)
        whole, scaled = (
            fire.look(decode(large, header, at_least=size)) for size in (None, fire.needs(header.width, header.height))
        )
        sure = [one for one in whole if one.confidence >= fire.bundle.thresholds[one.class_name] + 0.1]
        for one in sure:
            assert any(one.hazard == other.hazard and one.box.iou(other.box) > 0.8 for other in scaled), (path, one)
        compared += len(sure)
    assert compared, "no golden picture shows anything clearly"
