"""A video file as frames in scene time: for a look back, without a server and without waiting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av

from balefire.camera.footage import ReadOrder, Shot, shots
from balefire.camera.source import SourceKind
from balefire.domain.errors import BadInput
from balefire.vision.image import Rgb

EVERY_FPS = 1000.0  # more than any file holds: no frame is passed over


def film(path: Path, fps: float = 1.0, seconds_per_frame: float | None = None) -> Iterator[tuple[float, Rgb]]:
    """Seconds in the scene since the first frame, and the picture.

    fps: frames a second that are taken, by the file's own clock. seconds_per_frame: time in the scene between two frames
    of a time lapse; then every frame is taken. Raises BadInput for what is no video.
    """
    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    order = ReadOrder(
        SourceKind.VIDEO, str(path), EVERY_FPS if seconds_per_frame else fps, realtime=False, loop=False, jpeg_quality=90,
        picture_timeout_s=30, alive_every_s=1, key_frames=False,
    )  # fmt: skip
    first: Shot | None = None
    try:
        for number, shot in enumerate(shot for shot in shots(order) if shot is not None):
            first = first or shot
            elapsed_s = (shot.captured_at - first.captured_at).total_seconds()
            yield number * seconds_per_frame if seconds_per_frame else elapsed_s, shot.rgb
    except (av.FFmpegError, BadInput) as error:
        raise BadInput(f"{path}: not a video that can be read: {error}") from error
