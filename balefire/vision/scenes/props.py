"""Things in the street, drawn as polygons in linear light: parked cars, waste containers, lamp posts."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from balefire.vision.scenes.canyon import Lens
from balefire.vision.scenes.noise import Floats

Point3 = tuple[float, float, float]

# A saloon from the near end: (metres along, metres up).
CAR = (
    (0.0, 0.3),
    (0.0, 0.82),
    (0.25, 0.95),
    (0.75, 1.0),
    (1.45, 1.42),
    (2.75, 1.45),
    (3.5, 1.02),
    (4.3, 0.85),
    (4.3, 0.3),
)
GLASS = {3, 5}  # the car's strips that are windows
BIN = ((0.0, 0.1), (0.0, 1.05), (0.15, 1.2), (0.9, 1.28), (1.1, 1.1), (1.1, 0.1))


@dataclass(frozen=True, slots=True)
class Light:
    """A point light in the street."""

    at_m: Point3
    colour: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Prop:
    """A side view `profile` drawn out from x1_m to x2_m, its near end at `ahead_m`."""

    kind: str
    profile: tuple[tuple[float, float], ...]
    x1_m: float
    x2_m: float
    ahead_m: float
    paint: tuple[float, float, float]

    @property
    def centre_m(self) -> Point3:
        middle = self.ahead_m + self.profile[-1][0] / 2
        return (self.x1_m + self.x2_m) / 2, max(up for _, up in self.profile), middle


def car(x_m: float, ahead_m: float, paint: tuple[float, float, float]) -> Prop:
    return Prop("car", CAR, x_m - 0.88, x_m + 0.88, ahead_m, paint)


def container(x_m: float, ahead_m: float) -> Prop:
    return Prop("container", BIN, x_m - 0.7, x_m + 0.7, ahead_m, (0.05, 0.11, 0.07))


def draw(canvas: Floats, lens: Lens, prop: Prop, lights: list[Light], own_glow: bool) -> None:
    """Paint `prop` lit by `lights` over `canvas` (h, w, 3), far parts first. `own_glow`: its lamps shine."""
    for face, normal, glass in _faces(prop):
        paint = np.array((0.015, 0.017, 0.02) if glass else prop.paint, np.float32)
        _fill(canvas, lens, face, paint * _received(face.mean(axis=0), normal, lights) + (0.003 if own_glow else 0))
    if prop.kind == "car":
        _wheels(canvas, lens, prop)
        if own_glow:
            _tail_lights(canvas, lens, prop)


def _faces(prop: Prop) -> list[tuple[Floats, Floats, bool]]:
    """(corners (n, 3), outward normal, is glass), far to near, only those that a camera in mid street sees."""
    along = np.array(prop.profile, np.float32)
    faces = []
    for number in reversed(range(len(along) - 1)):
        (z1, y1), (z2, y2) = along[number], along[number + 1]
        normal = np.array([0, z2 - z1, -(y2 - y1)], np.float32)
        normal /= np.linalg.norm(normal) + 1e-6
        corners = [(prop.x1_m, y1, z1), (prop.x2_m, y1, z1), (prop.x2_m, y2, z2), (prop.x1_m, y2, z2)]
        if normal[1] > 0.05 or normal[2] < 0:
            faces.append((_placed(corners, prop), normal, prop.kind == "car" and number in GLASS))
    inner_m, outward = (prop.x1_m, -1.0) if prop.x1_m > 0 else (prop.x2_m, 1.0)
    side = [(inner_m, up, ahead) for ahead, up in prop.profile]
    faces.append((_placed(side, prop), np.array([outward, 0, 0], np.float32), False))
    if prop.kind == "car":
        panes = [(inner_m, 1.0, 1.1), (inner_m, 1.36, 1.5), (inner_m, 1.38, 2.7), (inner_m, 1.02, 3.25)]
        faces.append((_placed(panes, prop), np.array([outward, 0, 0], np.float32), True))
    return faces


def _placed(corners: list[Point3], prop: Prop) -> Floats:
    return np.array(corners, np.float32) + np.array([0, 0, prop.ahead_m], np.float32)


def _received(at: Floats, normal: Floats, lights: list[Light]) -> Floats:
    """Light (3,) that falls on a face."""
    total = np.full(3, 0.035, np.float32)
    for light in lights:
        way = np.array(light.at_m, np.float32) - at
        away = float(np.linalg.norm(way)) + 0.3
        total = total + np.array(light.colour, np.float32) * (0.15 + max(0.0, float(way @ normal) / away)) / away**2
    return np.asarray(total, np.float32)


def _fill(canvas: Floats, lens: Lens, corners_m: Floats, colour: Floats) -> None:
    spots = np.round(lens.project(corners_m) * 8).astype(np.int32)
    cv2.fillPoly(canvas, [spots], [float(value) for value in colour], shift=3)


def _wheels(canvas: Floats, lens: Lens, prop: Prop) -> None:
    inner_m = prop.x1_m if prop.x1_m > 0 else prop.x2_m
    turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    for ahead in (0.8, 3.45):
        for radius, shade in ((0.33, 0.002), (0.18, 0.012)):
            rim = np.stack([np.full(20, inner_m), 0.33 + radius * np.sin(turn), ahead + radius * np.cos(turn)], axis=1)
            _fill(canvas, lens, rim + np.array([0, 0, prop.ahead_m]), np.full(3, shade, np.float32))


def _tail_lights(canvas: Floats, lens: Lens, prop: Prop) -> None:
    for left in (prop.x1_m + 0.08, prop.x2_m - 0.42):
        lamp = [(left, 0.66, -0.01), (left + 0.34, 0.66, -0.01), (left + 0.34, 0.8, -0.01), (left, 0.8, -0.01)]
        _fill(canvas, lens, _placed(lamp, prop), np.array([0.35, 0.012, 0.01], np.float32))
