"""One detector: a picture in, detections out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from balefire.domain.bundle import Bundle
from balefire.domain.detection import Detection, Hazard
from balefire.domain.errors import BundleMismatch
from balefire.domain.geometry import Box
from balefire.vision.bundles import read_bundle
from balefire.vision.heads import Found, read_head
from balefire.vision.image import Rgb
from balefire.vision.letterbox import Letterbox, fit, letterbox
from balefire.vision.plan import Plan
from balefire.vision.runtimes import Runtime, choose_runtime, open_runtime
from balefire.vision.tiles import Tile, crop, cut_off, in_frame, merge, needed, tiles_of

FLOOR = 0.05  # below it no box is compared or drawn


class Detector:
    """Safe to be called by several threads; one for each worker is faster. Raises BundleMismatch where the graph
    does not fit the bundle: one blank picture goes through it here."""

    def __init__(self, bundle: Bundle, folder: Path, runtime: Runtime) -> None:
        self.bundle = bundle
        self.folder = folder
        self.runtime = runtime
        try:
            self._find(np.zeros((bundle.input.height, bundle.input.width, 3), np.uint8), FLOOR)
        except BundleMismatch as error:
            raise BundleMismatch(f"{folder}: {error}") from error

    def look(self, rgb: Rgb, min_confidence: float | None = None, tiled: tuple[int, int] | None = None) -> list[Detection]:
        """Detections at the bundle's thresholds, or all with at least `min_confidence`; the surest first.

        rgb: (h, w, 3) uint8, upright, of any size. tiled: the frame's own (width, height) in pixels, where one that is much
        larger than the model shall be looked at in tiles too; `rgb` may have been decoded smaller.
        """
        thresholds = self.bundle.thresholds
        if min_confidence is not None:
            thresholds = dict.fromkeys(self.bundle.classes, min_confidence)
        tiles = tiles_of(*tiled, self.bundle.input) if tiled else []
        floor = min(thresholds.values())
        seen = self._in_tiles(rgb, tiled, tiles, floor) if tiled and tiles else self._detections(rgb, floor)
        return [detection for detection in seen if detection.confidence >= thresholds[detection.class_name]]

    def sight(
        self, rgb: Rgb, floors: Mapping[Hazard, float], tiled: tuple[int, int] | None = None
    ) -> tuple[list[Detection], list[Detection]]:
        """Detections at the bundle's thresholds, and the fainter ones that still reach the floor of their hazard.

        floors: hazard → least score, 0–1; one that is not there or 0 means the threshold. As `look` otherwise.
        """
        thresholds = self.bundle.thresholds
        wanted = {name: floors.get(hazard) or thresholds[name] for name, hazard in self.bundle.hazards.items()}
        found = self.look(rgb, min([*thresholds.values(), *wanted.values()]), tiled)
        sure = [one for one in found if one.confidence >= thresholds[one.class_name]]
        least = {**thresholds, **wanted}
        faint = [one for one in found if least[one.class_name] <= one.confidence < thresholds[one.class_name]]
        return sure, faint

    def score(self, rgb: Rgb, floor: float = FLOOR) -> list[Detection]:
        """All boxes after suppression with a score of at least `floor`: what parity and evaluation compare."""
        return self._detections(rgb, floor)

    def needs(self, width: int, height: int, tiled: bool = False) -> tuple[int, int]:
        """The size in pixels below which decoding a picture of `width` x `height` would lose detail."""
        place = fit(width, height, self.bundle.input)
        tile_width, tile_height = needed(width, height, self.bundle.input) if tiled else (0, 0)
        return min(max(place.width, tile_width), width), min(max(place.height, tile_height), height)

    def _detections(self, rgb: Rgb, floor: float) -> list[Detection]:
        found, place = self._find(rgb, floor)
        boxes = place.to_shares(found.xyxy_px)
        rows = zip(boxes.tolist(), found.scores.tolist(), found.classes.tolist(), strict=True)
        # A box that lies in the padding alone has no area in the picture.
        return [self._detection(box, score, index) for box, score, index in rows if box[0] < box[2] and box[1] < box[3]]

    def _detection(self, box: list[float], score: float, index: int) -> Detection:
        name = self.bundle.classes[index]
        return Detection(name, self.bundle.hazards.get(name), score, Box(*box), self.bundle.reference)

    def _in_tiles(self, rgb: Rgb, frame: tuple[int, int], tiles: list[Tile], floor: float) -> list[Detection]:
        """The whole and its tiles in one batch, merged once."""
        views = [Tile(0, 0, *frame), *tiles]
        found = self._find_all([crop(rgb, frame, view) for view in views], floor)
        shares = [in_frame(place.to_shares(one.xyxy_px), view, frame) for view, (one, place) in zip(views, found, strict=True)]
        boxes = np.concatenate(shares)
        cut = np.concatenate([cut_off(part, view, frame) for view, part in zip(views, shares, strict=True)])
        scores = np.concatenate([one.scores for one, _ in found])
        classes = np.concatenate([one.classes for one, _ in found])
        solid = np.flatnonzero((boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3]))
        kept = solid[merge(boxes[solid], scores[solid], classes[solid], cut[solid])].tolist()
        return [self._detection(boxes[index].tolist(), float(scores[index]), int(classes[index])) for index in kept]

    def _find(self, rgb: Rgb, floor: float) -> tuple[Found, Letterbox]:
        return self._find_all([rgb], floor)[0]

    def _find_all(self, rgbs: list[Rgb], floor: float) -> list[tuple[Found, Letterbox]]:
        """One batch where the graph takes one, else one after the other."""
        put = [letterbox(rgb, self.bundle.input) for rgb in rgbs]
        if len(put) > 1 and self.runtime.batches:
            raw = self.runtime.run(np.concatenate([tensor for tensor, _ in put]))
        else:
            raw = np.concatenate([self.runtime.run(tensor) for tensor, _ in put])
        heads = (read_head(self.bundle.head, raw[row : row + 1], len(self.bundle.classes), floor) for row in range(len(put)))
        return [(found, place) for found, (_, place) in zip(heads, put, strict=True)]


def load_detector(folder: Path, runtime: str = "auto", threads: int = 1) -> Detector:
    """The bundle in `folder`, checked and ready. Raises BundleMismatch; BadSetting for a runtime that is not here."""
    bundle = read_bundle(folder)
    return Detector(bundle, folder, choose_runtime(runtime, bundle, folder, threads))


def planned_detector(folder: Path, plan: Plan) -> Detector:
    """The bundle in `folder` as `plan` runs it, for `plan.workers` callers at a time. Raises BundleMismatch, BadSetting."""
    bundle = read_bundle(folder)
    opened = open_runtime(plan.runtime, plan.precision, bundle, folder, plan.threads, plan.workers)
    return Detector(bundle, folder, opened)
