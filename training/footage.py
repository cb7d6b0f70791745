"""Real footage to judge events by: `videos/videos.toml`, frame by frame, and what a detector sees on it, remembered.

Footage at its own speed is looked at once a second, as the service is fed; of a slow sequence (a tower camera that gives a
frame a minute) every frame counts, at the time that it had in the scene. Each frame goes through JPEG and the very decoding
of the service. What was seen is kept in BALEFIRE_RUNS/footage by the SHA-256 of graph and video: a policy is then judged in
seconds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import numpy as np
from pydantic import Field
from rich.console import Console

from balefire.domain.detection import Detection, Hazard
from balefire.domain.errors import BadLabel
from balefire.domain.geometry import Box
from balefire.strict_toml import StrictModel, read_toml
from balefire.vision.detector import Detector
from balefire.vision.image import Rgb, to_jpeg
from training.looking import seeing
from training.places import Places
from training.steps import steps

FLOOR = 0.05  # boxes below it are not remembered
QUALITY = 90  # of the JPEGs, as cameras send them
EVERY_S = 1.0


class Video(StrictModel):
    """`starts_s`: seconds of the file to the first visible sign. `seconds_per_frame`: of a slow sequence, in the scene."""

    file: str
    hazards: list[Hazard] = []
    starts_s: float | None = None
    seconds_per_frame: float | None = Field(default=None, gt=0)
    use: Literal["val", "test"]
    note: str = ""

    @property
    def thermal(self) -> bool:
        return self.file.startswith("thermal-")


class Videos(StrictModel):
    video: list[Video]


@dataclass(frozen=True, slots=True)
class Look:
    """One frame: seconds of the scene, size in pixels, a mark of its pixels, what was seen from 0.05 on."""

    at_s: float
    width: int
    height: int
    mark: str
    found: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class Footage:
    """A video as a detector saw it. `onset_s`: the first visible sign, seconds of the scene; None where nothing burns."""

    video: Video
    looks: list[Look]
    onset_s: float | None

    @property
    def every_s(self) -> float:
        """Seconds between frames."""
        return self.video.seconds_per_frame or EVERY_S


def read_videos(places: Places, use: str | None = None) -> list[Video]:
    """Those of `use`, or all. Raises BadSetting for a faulty file."""
    rows = read_toml(places.pictures / "videos" / "videos.toml", Videos).video
    return [row for row in rows if use in (None, row.use)]


def look_through(video: Video, detector: Detector, mark: str, places: Places, console: Console) -> Footage:
    """What `detector` sees on `video`. mark: of the detector's graph. Raises BadLabel where it cannot be decoded."""
    file = places.pictures / "videos" / video.file
    digest = hashlib.sha256(f"{mark}{_sha256(file)}".encode()).hexdigest()[:24]
    kept = places.runs / "footage" / f"{file.stem}-{digest}.json"
    if not kept.is_file():
        _keep(kept, _see_all(video, file, detector, console))
    rows = json.loads(kept.read_text(encoding="utf-8"))
    looks = [Look(at, width, height, mark, tuple(_load(box) for box in found)) for at, width, height, mark, found in rows]
    return Footage(video, looks, onset_of(video, file))


def onset_of(video: Video, file: Path) -> float | None:
    """In seconds of the scene."""
    if video.starts_s is None or not video.seconds_per_frame:
        return video.starts_s
    with av.open(str(file)) as container:
        rate = float(container.streams.video[0].average_rate or 4)
    return round(video.starts_s * rate) * video.seconds_per_frame


def frames_of(video: Video, file: Path) -> Iterator[tuple[float, Rgb]]:
    """Seconds of the scene and pixels, (h, w, 3) uint8 RGB."""
    due, origin = 0.0, None
    with av.open(str(file)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if video.seconds_per_frame:
                yield number * video.seconds_per_frame, _pixels(frame)
                continue
            at_s = frame.time if frame.time is not None else number / 25
            origin = at_s if origin is None else origin
            if at_s - origin >= due - 0.02:
                due += EVERY_S
                yield at_s - origin, _pixels(frame)


def _see_all(video: Video, file: Path, detector: Detector, console: Console) -> list[object]:
    see = seeing(detector, FLOOR)
    rows: list[object] = []
    try:
        with steps(list(frames_of(video, file)), f"looking at {video.file}", console) as walk:
            for at_s, rgb in walk:
                jpeg = to_jpeg(rgb, QUALITY)
                height, width = rgb.shape[:2]
                mark = hashlib.sha256(jpeg).hexdigest()[:16]
                rows.append([at_s, width, height, mark, [_dump(one) for one in see(jpeg)]])
    except (av.FFmpegError, OSError) as error:
        raise BadLabel(f"{file}: cannot be decoded: {error}") from error
    return rows


def _keep(path: Path, rows: list[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(rows), encoding="utf-8")
    partial.rename(path)


def _pixels(frame: av.VideoFrame) -> Rgb:
    return np.ascontiguousarray(frame.to_ndarray(format="rgb24")).astype(np.uint8, copy=False)


def _dump(one: Detection) -> list[object]:
    return [one.class_name, one.hazard, round(one.confidence, 5), [round(value, 6) for value in one.box.xyxy], one.bundle]


def _load(row: list[object]) -> Detection:
    class_name, hazard, confidence, box, bundle = row
    assert isinstance(confidence, float)
    assert isinstance(box, list)
    return Detection(str(class_name), Hazard(str(hazard)) if hazard else None, confidence, Box(*box), str(bundle))


def _sha256(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise BadLabel(f"{file}: {error.strerror}") from error
