"""The street before anything burns: lamps, lit windows, wet asphalt, parked cars; and what a fire would light up."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from balefire.vision.scenes.canyon import (
    END,
    GROUND,
    LEFT,
    RIGHT,
    ROAD_LEFT_M,
    ROAD_RIGHT_M,
    Hits,
    Lens,
    look,
    mirrored,
)
from balefire.vision.scenes.facades import fronts
from balefire.vision.scenes.noise import Floats, blurred, look_up, seeded_tile, smooth
from balefire.vision.scenes.props import Light, Prop, car, container, draw

LAMP_UP_M = 7.2
PAINTS = ((0.30, 0.30, 0.32), (0.05, 0.06, 0.09), (0.22, 0.03, 0.03), (0.10, 0.14, 0.22), (0.42, 0.40, 0.36))


@dataclass(frozen=True, slots=True)
class Street:
    """Linear light (h, w, 3): `calm` without fire, `lit` what a fire of strength 1 adds. `wet` (h, w) 0–1: a mirror."""

    lens: Lens
    calm: Floats
    lit: Floats
    wet: Floats
    burning: Prop


def street(seed: int, size: tuple[int, int], finer: int = 1) -> Street:
    """The street of `seed`; everything that does not move."""
    rng = np.random.default_rng((seed, 31))
    width, height = size
    lens = _lens(rng, width * finer, height * finer)
    lamps = _lamps(rng)
    props = _props(rng, lens)
    burning = props[0] if rng.random() < 0.6 else _a_car(props, rng, lens)
    fire = Light((burning.centre_m[0], burning.centre_m[1] + 0.7, burning.centre_m[2] - 0.2), (9.0, 3.3, 0.7))
    calm, lit, wet = _surfaces(seed, lens, lamps, fire)
    for prop in sorted(props, key=lambda one: -one.ahead_m):
        _shadow(calm, lit, lens, prop)
        draw(calm, lens, prop, lamps, own_glow=True)
        draw(lit, lens, prop, [fire], own_glow=False)
    _posts(calm, lens, lamps)
    if finer > 1:
        calm, lit, wet = (_shrunk(one, size) for one in (calm, lit, wet))
        lens = Lens(width, height, lens.eye_m, lens.vanish_px / finer, lens.horizon_px / finer, lens.focal_px / finer)
    return Street(lens, _halos(calm), lit, wet, burning)


def _shrunk(values: Floats, size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def _lens(rng: np.random.Generator, width: int, height: int) -> Lens:
    return Lens(
        width,
        height,
        eye_m=float(rng.uniform(4.8, 6.2)),
        vanish_px=width * float(rng.uniform(0.36, 0.58)),
        horizon_px=height * float(rng.uniform(0.26, 0.34)),
        focal_px=width * float(rng.uniform(0.82, 0.98)),
    )


def _lamps(rng: np.random.Generator) -> list[Light]:
    colour = np.array((17.0, 11.5, 5.6)) if rng.random() < 0.6 else np.array((13.0, 12.4, 10.6))
    first = rng.uniform(10, 15)
    spots = [(ROAD_LEFT_M + 0.9 if k % 2 else ROAD_RIGHT_M - 0.9, first + 12.5 * k) for k in range(7)]
    return [Light((x, LAMP_UP_M, z), tuple((colour * rng.uniform(0.75, 1.1)).tolist())) for x, z in spots]


def _props(rng: np.random.Generator, lens: Lens) -> list[Prop]:
    beside_m = ROAD_RIGHT_M + 1.2
    in_view_m = lens.focal_px * beside_m / (0.88 * lens.width - lens.vanish_px)
    # The container comes first; it stands well inside the picture.
    found = [container(beside_m, max(float(rng.uniform(14.5, 19)), in_view_m))]
    for x_m, start in ((ROAD_LEFT_M + 1.15, rng.uniform(9, 14)), (ROAD_RIGHT_M - 1.15, rng.uniform(22, 25))):
        for place in range(8):
            if rng.random() < 0.75:
                paint = PAINTS[int(rng.integers(len(PAINTS)))]
                found.append(car(x_m, float(start + place * 6.2 + rng.uniform(0, 0.8)), paint))
    return found


def _a_car(props: list[Prop], rng: np.random.Generator, lens: Lens) -> Prop:
    """One of the two nearest cars that stand well inside the picture; the container where there is none."""
    cars = sorted((prop for prop in props if prop.kind == "car" and prop.ahead_m > 13), key=lambda one: one.ahead_m)
    near = [one for one in cars if 0.12 < lens.project(np.array([one.centre_m]))[0, 0] / lens.width < 0.88]
    return near[int(rng.integers(min(2, len(near))))] if near else props[0]


def _surfaces(seed: int, lens: Lens, lamps: list[Light], fire: Light) -> tuple[Floats, Floats, Floats]:
    hits = look(lens)
    front = fronts(seed, hits)
    ground = hits.surface == GROUND
    wet = np.where(ground, _wetness(seed, hits), 0).astype(np.float32)
    albedo = np.where(ground[..., None], _paving(seed, hits, wet), front.albedo)
    glow = np.where(ground[..., None], 0, front.glow)
    ambient = np.array([0.020, 0.022, 0.030], np.float32)
    calm = albedo * (ambient + _irradiance(hits, lamps)) + glow
    echo = _echo(seed, lens, hits) * wet[..., None]
    calm = calm + np.where(ground[..., None], echo, 0)
    sky = ~ground & front.roof
    calm[sky] = _night_sky(lens)[sky]
    lit = albedo * _irradiance(hits, [fire])
    lit[sky] = 0
    return calm.astype(np.float32), lit.astype(np.float32), wet


def _paving(seed: int, hits: Hits, wet: Floats) -> Floats:
    """Asphalt, kerbs, pavement slabs, a dashed line. Wet stone is darker."""
    grit = look_up(seeded_tile(seed, 302, 512, 0.9, 6), hits.x * 30, hits.z * 30)
    pavement = (hits.x < ROAD_LEFT_M) | (hits.x > ROAD_RIGHT_M)
    joints = (np.abs(hits.x % 0.9 - 0.45) > 0.43) | (np.abs(hits.z % 0.9 - 0.45) > 0.43)
    grey = np.where(pavement, np.where(joints, 0.11, 0.17), 0.075) * (1 + 0.16 * grit)
    kerb = np.minimum(np.abs(hits.x - ROAD_LEFT_M), np.abs(hits.x - ROAD_RIGHT_M)) < 0.14
    dash = (np.abs(hits.x - 0.2) < 0.08) & (hits.z % 6 < 3)
    grey = np.where(kerb, 0.26, np.where(dash & (grit > -1.2), 0.5, grey)) * (1 - 0.35 * wet)
    return np.asarray(grey[..., None] * np.array([1.0, 0.98, 0.95], np.float32), np.float32)


def _wetness(seed: int, hits: Hits) -> Floats:
    puddles = look_up(seeded_tile(seed, 303, 512, 1.8, 5), hits.x * 14, hits.z * 7)
    road = smooth(0, 0.5, np.minimum(hits.x - ROAD_LEFT_M, ROAD_RIGHT_M - hits.x))
    return np.asarray((0.25 + 0.75 * smooth(-0.4, 0.9, puddles)) * (0.35 + 0.65 * road), np.float32)


def _echo(seed: int, lens: Lens, hits: Hits) -> Floats:
    """The houses' lights in the wet road, smeared upright as rough water does."""
    beyond = mirrored(lens, hits)
    ripple = look_up(seeded_tile(seed, 304, 512, 0.8, 8), hits.x * 40, hits.z * 18)
    shaken = Hits(beyond.surface, beyond.x, np.abs(beyond.y * (1 + 0.16 * ripple)), beyond.z)
    light = fronts(seed, shaken)
    shine = np.where(light.roof[..., None], 0.006, light.glow)
    grazing = np.clip(1 - np.abs(lens.rays()[1]) * 1.1, 0.05, 1) ** 3
    return np.asarray(cv2.blur(shine, (3, max(3, lens.height // 40))) * (0.10 + 0.75 * grazing)[..., None], np.float32)


def _irradiance(hits: Hits, lights: list[Light]) -> Floats:
    """(h, w, 3) light that falls on each surface, by distance and slant."""
    total = np.zeros((*hits.x.shape, 3), np.float32)
    for light in lights:
        x, y, z = (at - place for at, place in zip(light.at_m, (hits.x, hits.y, hits.z), strict=True))
        squared = x**2 + y**2 + z**2 + 0.4
        facing = np.select([hits.surface == kind for kind in (GROUND, LEFT, RIGHT, END)], [y, x, -x, -z], 0.0)
        falls = np.maximum(facing, 0) / (squared * np.sqrt(squared))
        total += falls[..., None] * np.array(light.colour, np.float32)
    return total


def _night_sky(lens: Lens) -> Floats:
    rows = np.linspace(0, 1, lens.height, dtype=np.float32)[:, None, None]
    top, low = np.array([0.006, 0.008, 0.016], np.float32), np.array([0.035, 0.028, 0.026], np.float32)
    return np.asarray(np.broadcast_to(top + (low - top) * np.minimum(rows * 2.6, 1), (lens.height, lens.width, 3)))


def _shadow(calm: Floats, lit: Floats, lens: Lens, prop: Prop) -> None:
    """Dark ground under a prop, soft at the rim."""
    z1, z2 = prop.ahead_m - 0.15, prop.ahead_m + prop.profile[-1][0] + 0.15
    x1, x2 = prop.x1_m - 0.2, prop.x2_m + 0.2
    corners = np.array([(x1, 0, z1), (x2, 0, z1), (x2, 0, z2), (x1, 0, z2)], np.float32)
    mask = np.zeros(calm.shape[:2], np.float32)
    spots = lens.project(corners)
    cv2.fillPoly(mask, [np.round(spots).astype(np.int32)], 1.0)
    top, bottom = (int(np.clip(value, 0, lens.height)) for value in (spots[:, 1].min() - 9, spots[:, 1].max() + 9))
    if top < bottom:
        keep = 1 - 0.85 * blurred(mask[top:bottom], 3.0)[..., None]
        calm[top:bottom] *= keep
        lit[top:bottom] *= keep


def _posts(calm: Floats, lens: Lens, lamps: list[Light]) -> None:
    """Poles with an arm over the road and a bright head; a streak below in the wet road."""
    for light in reversed(lamps):
        x, y, z = light.at_m
        root = x + (0.9 if x > 0 else -0.9) * 1.3
        thick = max(1, round(0.10 * lens.px_per_m(z)))
        joints = lens.project(np.array([(root, 0, z), (root, y + 0.15, z), (x, y + 0.2, z), (x, y, z), (x, -y, z)]))
        spots = [tuple(int(value) for value in np.round(joint)) for joint in joints]
        cv2.polylines(calm, [np.array(spots[:3], np.int32)], False, (0.012, 0.012, 0.013), thick)
        colour = np.array(light.colour) / max(light.colour) * 7
        radius = max(1, round(0.13 * lens.px_per_m(z)))
        cv2.ellipse(calm, spots[3], (2 * radius, radius), 0, 0, 360, colour.tolist(), -1)


def _halos(calm: Floats) -> Floats:
    """Light that spreads in the lens and the damp air around whatever is brighter than the sensor's white."""
    bright = np.maximum(calm - 0.5, 0)
    unit = calm.shape[0] / 720
    near, wide = blurred(bright, 5 * unit), blurred(bright, 26 * unit)
    return np.asarray(calm + 0.30 * near + 0.55 * wide, np.float32)
