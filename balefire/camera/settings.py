"""How a camera is watched: every wait and limit in one value, so that tests can shrink them."""

from __future__ import annotations

from dataclasses import dataclass

from balefire.camera.motion import GateSettings
from balefire.domain.errors import BadInput
from balefire.domain.geometry import Polygon


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Raises BadInput where `fps` is no rate or the quota is negative."""

    fps: float = 1.0  # frames a second that are handed over; a stream is read at its own rate all the same
    jpeg_quality: int = 90
    privacy_masks: tuple[Polygon, ...] = ()  # blackened before a picture leaves the reading process
    gate: GateSettings | None = None  # with one, pictures that show nothing new stay here
    key_frames: bool = True  # decode nothing else of a stream whose key frames come often enough
    start_timeout_s: float = 60.0  # for the reading process to begin; a rendered scene takes seconds to build
    read_timeout_s: float = 10.0  # a read that is silent for longer is killed
    picture_timeout_s: float = 60.0  # data, but nothing that can be decoded
    reconnect_first_s: float = 0.5
    reconnect_most_s: float = 30.0
    connect_timeout_s: float = 3.0
    request_timeout_s: float = 10.0
    retry_first_s: float = 0.5
    retry_most_s: float = 15.0
    busy_patience_s: float = 5.0  # a server that is full for longer counts as away: frames go to the spool
    spool_bytes: int = 1 << 30  # about an hour and a half of 1080p at one frame a second
    report_every_s: float = 10.0  # between lines of figures where there is no terminal

    def __post_init__(self) -> None:
        if not 0 < self.fps <= 60:
            raise BadInput(f"fps is above 0 and at most 60 frames a second, got {self.fps}")
        if self.spool_bytes < 0:
            raise BadInput(f"the spool's quota is a number of bytes, got {self.spool_bytes}")
