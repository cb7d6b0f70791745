"""An event's pictures as a video that a browser plays."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from balefire.domain.errors import BadInput

TICK = Fraction(1, 1000)  # a millisecond clock: frames keep the distance in time they were taken at
LAST_FRAME_MS = 1000


def mp4(pictures: Iterable[tuple[bytes, datetime]]) -> bytes:
    """JPEGs and their capture times, in order → H.264 in MP4, the index in front.

    The first picture gives the size; others are fitted into it between black bars. The last one stays for a second.
    Frames are encoded one by one: memory holds one picture, however long the event. Raises BadInput for no pictures.
    """
    coming = ((_decoded(picture), at) for picture, at in pictures)
    beginning = next(coming, None)
    if beginning is None:
        raise BadInput("a clip needs at least one picture")
    first, start = beginning
    width, height = first.width // 2 * 2, first.height // 2 * 2  # 4:2:0 wants even sides
    # faststart reads the finished file again to move the index, so it needs a file with a name
    with tempfile.TemporaryDirectory(prefix="balefire-clip-") as folder:
        path = Path(folder) / "clip.mp4"
        with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as container:
            stream = _stream(container, width, height)
            due_ms = -1
            for frame, at in chain([beginning], coming):
                due_ms = max(round((at - start).total_seconds() * 1000), due_ms + 1)  # strictly growing
                container.mux(stream.encode(_timed(_fitted(frame, width, height), due_ms)))
                last = frame
            container.mux(stream.encode(_timed(_fitted(last, width, height), due_ms + LAST_FRAME_MS)))
            container.mux(stream.encode(None))
        return path.read_bytes()


def _stream(container: OutputContainer, width: int, height: int) -> VideoStream:
    if "libx264" in av.codecs_available:
        stream = container.add_stream("libx264", rate=25)
    else:
        stream = container.add_stream("mpeg4", rate=25)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.time_base = stream.codec_context.time_base = TICK
    if stream.codec_context.name == "libx264":
        # without B-frames decoding order is showing order, and the file is as long as its pictures
        stream.options = {"preset": "veryfast", "crf": "23", "bf": "0"}
    return stream


def _timed(frame: VideoFrame, due_ms: int) -> VideoFrame:
    frame.pts, frame.time_base = due_ms, TICK
    return frame


def _fitted(frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """As large as fits into width × height, both even, black around it. yuv420p."""
    scale = min(width / frame.width, height / frame.height)
    if abs(frame.width * scale - width) < 2 and abs(frame.height * scale - height) < 2:
        return _limited(frame, width, height)
    wide, high = max(int(frame.width * scale), 1), max(int(frame.height * scale), 1)
    left, top = (width - wide) // 2, (height - high) // 2
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[top : top + high, left : left + wide] = frame.reformat(wide, high, "rgb24").to_ndarray()
    return _limited(VideoFrame.from_ndarray(canvas, "rgb24"), width, height)


def _limited(frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """JPEG's luma fills 0–255, a video's 16–235: unconverted, shadows turn black."""
    ranges = (ColorRange.JPEG, ColorRange.MPEG)
    return frame.reformat(width, height, "yuv420p", src_color_range=ranges[0], dst_color_range=ranges[1])


def _decoded(picture: bytes) -> VideoFrame:
    with av.open(io.BytesIO(picture), "r", format="jpeg_pipe") as container:
        return next(container.decode(video=0))
