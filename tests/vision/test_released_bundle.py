"""The released detectors load, see what their golden pictures say, and fit their cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from balefire.settings import CHECKOUT
from balefire.vision.bundles import read_catalog
from balefire.vision.detector import load_detector
from balefire.vision.golden import check_golden
from balefire.vision.scenes import scene

RELEASED = read_catalog(CHECKOUT / "models")


@pytest.mark.parametrize("folder", RELEASED.values(), ids=RELEASED)
def test_golden_pictures(folder: Path) -> None:
    assert check_golden(load_detector(folder)) >= 0.97


@pytest.mark.parametrize("folder", RELEASED.values(), ids=RELEASED)
def test_what_lies_beside_it(folder: Path) -> None:
    for name in ("card.md", "LICENSE", "weights.pt", "report/figures.json"):
        assert (folder / name).is_file(), name


@pytest.mark.parametrize(("name", "hazard", "second"), [("hillside", "smoke", 25.0), ("street", "flame", 20.0)])
def test_fire_sees_the_demos_fires_and_nothing_before(name: str, hazard: str, second: float) -> None:
    footage = scene(name, starts_s=10.0)
    detector = load_detector(RELEASED["fire"])
    assert detector.look(footage.frame(5.0)) == []
    (true_box,) = [box for kind, box in footage.truth(10.0 + second) if kind == hazard]
    seen = [one for one in detector.look(footage.frame(10.0 + second)) if one.hazard == hazard]
    assert any(one.box.iou(true_box) > 0.3 for one in seen)
