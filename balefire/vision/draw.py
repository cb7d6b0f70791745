"""Boxes on a picture. Each hazard has its own colour, its own line and its own mark: never colour alone.

flame  vermilion  solid    triangle        colours: Okabe and Ito (2008), told apart by colour-blind people
smoke  sky blue   dashed   circle
waste  yellow     dotted   square
none   white      corners  diamond
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from balefire.domain.detection import Detection, Hazard
from balefire.domain.geometry import Box
from balefire.vision.image import Rgb, to_jpeg

Colour = tuple[int, int, int]
Pixel = tuple[int, int]
INK: Colour = (0, 0, 0)
FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True, slots=True)
class Style:
    """colour: RGB. dash: (drawn, left out) in line widths; None: solid. `mark` stands before the label's text."""

    colour: Colour
    dash: tuple[int, int] | None
    mark: Literal["triangle", "circle", "square", "diamond"]
    corners_only: bool = False


STYLES: dict[Hazard | None, Style] = {
    Hazard.FLAME: Style((255, 110, 40), None, "triangle"),
    Hazard.SMOKE: Style((86, 180, 233), (6, 4), "circle"),
    Hazard.WASTE: Style((240, 228, 66), (2, 3), "square"),
    None: Style((255, 255, 255), None, "diamond", corners_only=True),
}


def draw(rgb: Rgb, detections: Iterable[Detection]) -> Rgb:
    """A copy of `rgb` (h, w, 3) with each detection's box, class and confidence; the surest lies on top."""
    canvas = np.ascontiguousarray(rgb).copy()
    ordered = sorted(detections, key=lambda seen: seen.confidence)
    for detection in ordered:
        _outline(canvas, detection)
    for detection in ordered:  # after all boxes, so that no line runs through a label
        _label(canvas, detection)
    return canvas


def draw_jpeg(rgb: Rgb, detections: Iterable[Detection], quality: int = 90) -> bytes:
    """As `draw`, as JPEG."""
    return to_jpeg(draw(rgb, detections), quality)


def _corners_px(canvas: Rgb, box: Box) -> tuple[int, int, int, int]:
    height, width = canvas.shape[:2]
    x1, y1, x2, y2 = box.xyxy
    return round(x1 * (width - 1)), round(y1 * (height - 1)), round(x2 * (width - 1)), round(y2 * (height - 1))


def _outline(canvas: Rgb, detection: Detection) -> None:
    style = STYLES[detection.hazard]
    longest_px = max(canvas.shape[:2])
    line_px = 1 if longest_px < 320 else max(2, round(longest_px / 480))
    x1, y1, x2, y2 = _corners_px(canvas, detection.box)
    corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        for a, b in _strokes(start, end, style, line_px):
            cv2.line(canvas, a, b, INK, line_px + 2)  # a dark rim keeps the line visible on any ground
            cv2.line(canvas, a, b, style.colour, line_px)


def _strokes(start: Pixel, end: Pixel, style: Style, line_px: int) -> list[tuple[Pixel, Pixel]]:
    """The pieces of one side that are drawn."""
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    if style.corners_only:
        return [_piece(start, end, 0, 0.25), _piece(start, end, 0.75, 1)]
    if style.dash is None:
        return [(start, end)]
    drawn, left_out = (part * max(line_px, 2) for part in style.dash)
    return [_piece(start, end, at / length, min(1.0, (at + drawn) / length)) for at in range(0, length, drawn + left_out)]


def _piece(start: Pixel, end: Pixel, since: float, until: float) -> tuple[Pixel, Pixel]:
    return _between(start, end, since), _between(start, end, until)


def _between(start: Pixel, end: Pixel, share: float) -> Pixel:
    return round(start[0] + (end[0] - start[0]) * share), round(start[1] + (end[1] - start[1]) * share)


def _label(canvas: Rgb, detection: Detection) -> None:
    """Above the box where there is room, else inside its upper edge; always within the picture."""
    style, text = STYLES[detection.hazard], f"{detection.class_name} {detection.confidence:.2f}"
    left, top, _, _ = _corners_px(canvas, detection.box)
    height, width = canvas.shape[:2]
    scale, weight = _text_size(text, max(height, width), width)
    (text_width, text_height), below = cv2.getTextSize(text, FONT, scale, weight)
    pad = max(2, text_height // 3)
    label_height, label_width = text_height + below + pad, text_width + text_height + 3 * pad
    x = max(0, min(left, width - label_width))
    y = top - label_height if top >= label_height else min(top, max(0, height - label_height))
    cv2.rectangle(canvas, (x, y), (x + label_width, y + label_height), style.colour, cv2.FILLED)
    cv2.rectangle(canvas, (x, y), (x + label_width, y + label_height), INK, 1)
    middle = y + label_height // 2
    _mark(canvas, style.mark, (x + pad + text_height // 2, middle), max(2, text_height // 2))
    at = (x + 2 * pad + text_height, middle + text_height // 2)
    cv2.putText(canvas, text, at, FONT, scale, INK, weight, cv2.LINE_AA)


def _text_size(text: str, longest_px: int, width: int) -> tuple[float, int]:
    """Font scale and stroke width: grows with the picture, and shrinks where the label would not fit."""
    scale = max(0.4, longest_px / 1600)
    (text_width, text_height), _ = cv2.getTextSize(text, FONT, scale, 1)
    scale = min(scale, scale * width / (text_width + 3 * text_height))
    return scale, max(1, round(scale * 1.6))


def _mark(canvas: Rgb, mark: str, centre: Pixel, radius: int) -> None:
    x, y = centre
    if mark == "circle":
        cv2.circle(canvas, centre, radius, INK, cv2.FILLED, cv2.LINE_AA)
        return
    shapes: dict[str, Sequence[Pixel]] = {
        "triangle": [(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)],
        "square": [
            (x - radius, y - radius),
            (x + radius, y - radius),
            (x + radius, y + radius),
            (x - radius, y + radius),
        ],
        "diamond": [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)],
    }
    cv2.fillPoly(canvas, [np.array(shapes[mark], np.int32)], INK, cv2.LINE_AA)
