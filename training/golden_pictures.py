"""Golden pictures for a bundle: rendered, never from a data set, chosen so that the check at start can fail."""

from __future__ import annotations

from collections.abc import Sequence

from balefire.domain.errors import BundleMismatch
from balefire.vision.detector import Detector
from balefire.vision.golden import write_golden
from balefire.vision.image import Rgb
from balefire.vision.scenes.training import training_picture

SEEDS = range(100_000, 100_048)  # far from what may be trained on
WANTED = 3  # pictures on which something is seen; one more on which nothing burns
SEEN = 0.2


def write_golden_pictures(detector: Detector, seeds: Sequence[int] = SEEDS, size: tuple[int, int] = (640, 384)) -> None:
    """Write `golden/` into the bundle's folder. Raises BundleMismatch where the detector sees nothing at all."""
    burning: dict[str, Rgb] = {}
    quiet: dict[str, Rgb] = {}
    for seed in seeds:
        picture, truth = training_picture(seed, size)
        if truth and detector.score(picture, SEEN):
            burning[f"rendered-{seed}.jpg"] = picture
        elif not truth and not quiet:
            quiet[f"rendered-{seed}.jpg"] = picture
        if len(burning) >= WANTED and quiet:
            break
    if not burning:
        raise BundleMismatch(f"{detector.bundle.reference} sees nothing on {len(seeds)} rendered pictures of fires")
    write_golden(detector, dict(list(burning.items())[:WANTED]) | quiet)
