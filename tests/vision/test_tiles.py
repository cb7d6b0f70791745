"""Frames much larger than the model: which tiles, what of them stays, and what is seen that the whole does not show."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balefire.domain.bundle import InputSpec
from balefire.settings import CHECKOUT
from balefire.vision.bundles import read_catalog
from balefire.vision.detector import Detector, load_detector
from balefire.vision.headers import read_header
from balefire.vision.image import Rgb, decode, to_jpeg
from balefire.vision.tiles import MOST_TILES, Tile, cut_off, merge, needed, tiles_of
from tests.vision.graphs import RED, write_bundle

SPEC = InputSpec(640, 640)
# frame, tiles, their size in pixels of the frame, and the size below which it is not decoded
SIZES = [
    ((640, 480), 0, None, (0, 0)),
    ((1920, 1080), 0, None, (0, 0)),  # three times the model: the whole is enough
    ((1921, 1080), 2, (1280, 1080), (961, 540)),
    ((2560, 1440), 6, (1280, 1280), (1280, 720)),
    ((3840, 2160), 8, (1280, 1280), (1920, 1080)),
    ((2160, 3840), 8, (1280, 1280), (1080, 1920)),
    ((9000, 200), 9, (1280, 200), (4500, 100)),
    ((20000, 20000), 9, None, None),
]


@pytest.mark.parametrize(("frame", "count", "size", "at_least"), SIZES)
def test_which_tiles(
    frame: tuple[int, int], count: int, size: tuple[int, int] | None, at_least: tuple[int, int] | None
) -> None:
    tiles = tiles_of(*frame, SPEC)
    assert len(tiles) == count
    if size:
        assert {(tile.width, tile.height) for tile in tiles} == {size}
    if at_least:
        assert needed(*frame, SPEC) == at_least


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.sampled_from([(640, 640), (512, 512), (960, 544)]))
def test_tiles_cover_the_frame_and_overlap(width: int, height: int, size: tuple[int, int]) -> None:
    tiles = tiles_of(width, height, InputSpec(*size))
    assert len(tiles) <= MOST_TILES
    for tile in tiles:
        assert 0 <= tile.x <= tile.x + tile.width <= width
        assert 0 <= tile.y <= tile.y + tile.height <= height
    for axis, length in (("x", width), ("y", height)):
        side = "width" if axis == "x" else "height"
        spans = sorted({(getattr(tile, axis), getattr(tile, axis) + getattr(tile, side)) for tile in tiles})
        if not spans:
            continue
        assert (spans[0][0], spans[-1][1]) == (0, length)
        for (start, end), (following, _) in pairwise(spans):
            assert end - following >= 0.19 * (end - start), "a thing smaller than the overlap lies whole in one tile"


BIG, LEFT, RIGHT, OTHER = (0.1, 0.1, 0.9, 0.5), (0.1, 0.1, 0.4, 0.5), (0.5, 0.1, 0.9, 0.5), (0.6, 0.7, 0.8, 0.9)
# boxes as (corners, score, class, cut off), and those that stay, the surest first
MERGES: list[tuple[str, list[tuple[tuple[float, ...], float, int, bool]], list[int]]] = [
    ("nothing", [], []),
    ("one", [(BIG, 0.5, 0, False)], [0]),
    ("twice the same: the surer", [(BIG, 0.5, 0, False), (BIG, 0.6, 0, False)], [1]),
    ("pieces of what the whole saw", [(BIG, 0.5, 0, False), (LEFT, 0.9, 0, True), (RIGHT, 0.8, 0, True)], [0]),
    ("pieces that nothing holds", [(LEFT, 0.9, 0, True), (OTHER, 0.8, 0, True)], [0, 1]),
    ("a whole thing within another", [(BIG, 0.5, 0, False), (LEFT, 0.9, 0, False)], [1, 0]),
    ("another class holds nothing", [(BIG, 0.5, 1, False), (LEFT, 0.9, 0, True)], [1, 0]),
]


@pytest.mark.parametrize(("rows", "stay"), [case[1:] for case in MERGES], ids=[case[0] for case in MERGES])
def test_what_stays(rows: list[tuple[tuple[float, ...], float, int, bool]], stay: list[int]) -> None:
    boxes = np.array([row[0] for row in rows], np.float64).reshape(-1, 4)
    scores, classes = np.array([row[1] for row in rows], np.float32), np.array([row[2] for row in rows], np.intp)
    assert merge(boxes, scores, classes, np.array([row[3] for row in rows], np.bool_)).tolist() == stay


def test_an_edge_of_the_frame_cuts_nothing_off() -> None:
    boxes = np.array([(0, 0, 0.2, 0.2), (0.3, 0, 0.5, 0.2), (0.1, 0.1, 0.3, 0.3), (0.1, 0.3, 0.3, 0.5)])
    assert cut_off(boxes, Tile(0, 0, 50, 50), (100, 100)).tolist() == [False, True, False, True]


def test_small_things_are_seen_in_tiles(tmp_path: Path) -> None:
    """A frame of 400 x 200 px at 64: a red cell of 32 px fills one cell of its tile, and a tenth of one in the whole."""
    detector = load_detector(write_bundle(tmp_path), "onnxruntime")
    frame = np.zeros((200, 400, 3), np.uint8)
    tile = tiles_of(400, 200, detector.bundle.input)[-1]
    frame[tile.y + 64 : tile.y + 96, tile.x + 64 : tile.x + 96] = RED
    assert detector.look(frame) == []
    (seen,) = detector.look(frame, tiled=(400, 200))
    assert seen.box.xyxy == pytest.approx(((tile.x + 64) / 400, (tile.y + 64) / 200, (tile.x + 96) / 400, (tile.y + 96) / 200))
    assert detector.look(frame, tiled=(100, 50)) == [], "a frame that is not much larger has no tiles"


@pytest.fixture(scope="module")
def fire() -> Detector:
    return load_detector(read_catalog(Path(os.environ.get("BALEFIRE_MODELS", CHECKOUT / "models")))["fire"], "onnxruntime", 2)


def _golden(detector: Detector) -> tuple[Rgb, tuple[float, float, float, float]]:
    """The golden picture with the surest box, and that box."""
    pictures: list[Rgb] = []
    for path in sorted((detector.folder / "golden").glob("*.[jp][pn]g")):
        data = path.read_bytes()
        pictures.append(decode(data, read_header(data)))
    best: Callable[[Rgb], float] = lambda rgb: max((one.confidence for one in detector.look(rgb)), default=0)  # noqa: E731
    picture = max(pictures, key=best)
    return picture, detector.look(picture)[0].box.xyxy


def test_the_released_detector_in_a_4k_frame(fire: Detector) -> None:
    """A golden picture as a 16th of a 4K frame: whole and tiles go through the graph as one batch."""
    assert fire.runtime.batches
    picture, (x1, y1, x2, y2) = _golden(fire)
    height, width = picture.shape[:2]
    frame = np.full((2160, 3840, 3), picture.mean((0, 1)).astype(np.uint8), np.uint8)
    frame[900 : 900 + height, 1500 : 1500 + width] = picture
    data = to_jpeg(frame)
    smaller = decode(data, read_header(data), at_least=fire.needs(3840, 2160, tiled=True))
    assert smaller.shape == (1080, 1920, 3)
    seen = fire.look(smaller, tiled=(3840, 2160))
    where = ((1500 + x1 * width) / 3840, (900 + y1 * height) / 2160, (1500 + x2 * width) / 3840, (900 + y2 * height) / 2160)
    surest = max(seen, key=lambda one: one.confidence, default=None)
    assert surest is not None
    assert all(abs(a - b) < 0.03 for a, b in zip(surest.box.xyxy, where, strict=True))
    whole = max((one.confidence for one in fire.look(smaller)), default=0.0)
    assert surest.confidence > whole
