"""An event's pictures as a video that a browser plays."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

import av
from av.video.frame import VideoFrame

TICKS = 1000  # a millisecond clock: frames keep the distance in time they were taken at
LAST_FRAME_MS = 1000


def mp4(pictures: Sequence[tuple[bytes, datetime]]) -> bytes:
    """JPEGs and their capture times, in order → H.264 in MP4, the index in front. All take the size of the first."""
    out = io.BytesIO()
    frames = [(_decoded(picture), at) for picture, at in pictures]
    width, height = (side // 2 * 2 for side in (frames[0][0].width, frames[0][0].height))  # 4:2:0 wants even sides
    with av.open(out, "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        started, last = frames[0][1], -1
        for frame, at in [*frames, (frames[-1][0], None)]:
            due = last + LAST_FRAME_MS if at is None else round((at - started).total_seconds() * TICKS)
            last = max(due, last + 1)
            shown = frame.reformat(width, height, "yuv420p")
            shown.pts, shown.time_base = last, Fraction(1, TICKS)
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    return out.getvalue()


def _decoded(picture: bytes) -> VideoFrame:
    with av.open(io.BytesIO(picture), "r", format="jpeg_pipe") as container:
        return next(container.decode(video=0))
