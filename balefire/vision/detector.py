"""One detector: a picture in, detections out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from balefire.domain.bundle import Bundle
from balefire.domain.detection import Detection
from balefire.domain.errors import BundleMismatch
from balefire.domain.geometry import Box
from balefire.vision.bundles import read_bundle
from balefire.vision.heads import Found, read_head
from balefire.vision.image import Rgb
from balefire.vision.letterbox import Letterbox, fit, letterbox
from balefire.vision.runtimes import Runtime, choose_runtime

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

    def look(self, rgb: Rgb, min_confidence: float | None = None) -> list[Detection]:
        """Detections at the bundle's thresholds, or all with at least `min_confidence`; the surest first.

        rgb: (h, w, 3) uint8, upright, of any size.
        """
        thresholds = self.bundle.thresholds
        if min_confidence is not None:
            thresholds = dict.fromkeys(self.bundle.classes, min_confidence)
        seen = self._detections(rgb, min(thresholds.values()))
        return [detection for detection in seen if detection.confidence >= thresholds[detection.class_name]]

    def score(self, rgb: Rgb, floor: float = FLOOR) -> list[Detection]:
        """All boxes after suppression with a score of at least `floor`: what parity and evaluation compare."""
        return self._detections(rgb, floor)

    def needs(self, width: int, height: int) -> tuple[int, int]:
        """The size in pixels below which decoding a picture of `width` x `height` would lose detail."""
        place = fit(width, height, self.bundle.input)
        return min(place.width, width), min(place.height, height)

    def _detections(self, rgb: Rgb, floor: float) -> list[Detection]:
        found, place = self._find(rgb, floor)
        boxes = place.to_shares(found.xyxy_px)
        rows = zip(boxes.tolist(), found.scores.tolist(), found.classes.tolist(), strict=True)
        # A box that lies in the padding alone has no area in the picture.
        return [self._detection(box, score, index) for box, score, index in rows if box[0] < box[2] and box[1] < box[3]]

    def _detection(self, box: list[float], score: float, index: int) -> Detection:
        name = self.bundle.classes[index]
        return Detection(name, self.bundle.hazards.get(name), score, Box(*box), self.bundle.reference)

    def _find(self, rgb: Rgb, floor: float) -> tuple[Found, Letterbox]:
        tensor, place = letterbox(rgb, self.bundle.input)
        raw = self.runtime.run(tensor)
        return read_head(self.bundle.head, raw, len(self.bundle.classes), floor), place


def load_detector(folder: Path, runtime: str = "auto", threads: int = 1) -> Detector:
    """The bundle in `folder`, checked and ready. Raises BundleMismatch; BadSetting for a runtime that is not here."""
    bundle = read_bundle(folder)
    return Detector(bundle, folder, choose_runtime(runtime, bundle, folder, threads))
