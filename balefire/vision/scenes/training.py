"""Rendered pictures with true boxes, each another place, time, weather and fire: training for a clone without data."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np

from balefire.domain.geometry import Box
from balefire.vision.scenes.finish import Picture
from balefire.vision.scenes.forest import Backdrop, Weather, backdrop
from balefire.vision.scenes.hillside import Hillside, burning
from balefire.vision.scenes.nightfall import Street, street
from balefire.vision.scenes.plume import Wind
from balefire.vision.scenes.street import NightStreet, alight

SEEDS_A_PLACE = 4  # making a place takes three times as long as burning it
BACKGROUNDS = 0.2  # share of pictures without fire

Truth = list[tuple[str, Box]]


def training_picture(seed: int, size: tuple[int, int] = (640, 384)) -> tuple[Picture, Truth]:
    """((h, w, 3) RGB, [("flame" or "smoke", box)]) of `seed`; one in five shows no fire and has no boxes.

    Four seeds in a row (0–3, 4–7, …) show one place, as the frames of a camera do: split sets between them.
    """
    rng = np.random.default_rng((seed, 77))
    place = seed // SEEDS_A_PLACE
    scene = _hillside(place, seed, size, rng) if place % 2 == 0 else _street(place, seed, size, rng)
    t_s = -1.0 if rng.random() < BACKGROUNDS else float(8 + 70 * rng.random() ** 1.5)
    picture, truth = scene.frame(t_s), scene.truth(t_s)
    if rng.random() < 0.5:
        picture, truth = np.ascontiguousarray(picture[:, ::-1]), [(hazard, _flipped(box)) for hazard, box in truth]
    return _handled(picture, rng), truth


@lru_cache(maxsize=2)
def _hills(place: int, size: tuple[int, int]) -> Backdrop:
    rng = np.random.default_rng((place, 78))
    weather = Weather(*(float(rng.uniform(low, high)) for low, high in ((5e3, 15e3), (-0.6, 1), (0.1, 0.9), (0, 1))))
    return backdrop(place, size, weather)


@lru_cache(maxsize=2)
def _houses(place: int, size: tuple[int, int]) -> Street:
    return street(place, size)


def _hillside(place: int, seed: int, size: tuple[int, int], rng: np.random.Generator) -> Hillside:
    scene = burning(_hills(place, size), seed, size, starts_s=0.0, marked=False)
    wind = Wind(float(rng.uniform(-0.02, 0.02)), float(rng.uniform(0.012, 0.026)), float(rng.uniform(0.2, 0.9)))
    scale, density = float(rng.uniform(0.7, 1.8)), float(rng.uniform(0.6, 1.2))
    grey = float(rng.uniform(0.62, 1.0))
    brown = np.array([1.0, 1.0 - rng.uniform(0, 0.06), 1.0 - rng.uniform(0, 0.12)])
    lit, shaded = (tuple((np.array(tone) * grey * brown).tolist()) for tone in (scene.lit, scene.shaded))
    return replace(scene, plume=replace(scene.plume, wind=wind, scale=scale, density=density), lit=lit, shaded=shaded)


def _street(place: int, seed: int, size: tuple[int, int], rng: np.random.Generator) -> NightStreet:
    scene = alight(_houses(place, size), seed, size, starts_s=0.0, marked=False)
    wide, high = rng.uniform(0.7, 1.4, 2).tolist()
    flame = replace(scene.flame, width_px=scene.flame.width_px * wide, height_px=scene.flame.height_px * high)
    return replace(scene, flame=replace(flame, lean=float(rng.uniform(-0.35, 0.35))))


def _flipped(box: Box) -> Box:
    return Box(1 - box.x2, box.y1, 1 - box.x1, box.y2)


def _handled(picture: Picture, rng: np.random.Generator) -> Picture:
    """Exposure, white balance and JPEG as another camera would have them."""
    gain = rng.uniform(0.8, 1.2) * (1 + rng.uniform(-0.06, 0.06, 3))
    shown = np.clip(picture * gain + rng.uniform(-8, 8), 0, 255).astype(np.uint8)
    quality = int(rng.integers(55, 96))
    _, jpeg = cv2.imencode(".jpg", shown[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])
