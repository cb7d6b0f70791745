"""The child of a probe: `python -m balefire.camera.probe_reader`, an order on stdin, what was found so far on stdout.

It reads a stream or a file as a camera agent would, for so many seconds. A line of JSON comes every half second, so that the
parent knows what there was when it has to kill a read that hangs. Pictures go to the parent as base64 in the last line.
"""

from __future__ import annotations

import base64
import hashlib
import json
import signal
import sys
import time
from dataclasses import asdict, dataclass
from itertools import pairwise

import av
import numpy as np
from av.video.stream import VideoStream

from balefire.camera.redact import scrub, secrets_of
from balefire.vision.image import to_jpeg

SAY_EVERY_S = 0.5
LIVE = {"rtsp_transport": "tcp", "analyzeduration": "1000000"}  # µs: slow streams would be studied for ten seconds
JUMP_S = 2.0  # stream time that runs so far from ours has jumped


@dataclass(slots=True)
class Found:
    """What a stream delivered until now. Times in seconds; `key_every_s`: the longest wait between two key frames."""

    codec: str = ""
    width: int = 0
    height: int = 0
    declared_fps: float | None = None
    packets: int = 0
    damaged: int = 0
    pictures: int = 0
    distinct: int = 0
    sizes: int = 0
    first_picture_s: float | None = None
    read_s: float = 0.0
    measured_fps: float | None = None
    key_every_s: float | None = None
    jumps: int = 0
    error: str = ""
    ended: bool = False
    picture: str = ""  # the newest, JPEG as base64; in the last line only


class Reading:
    """Follows one container."""

    def __init__(self, seconds: float) -> None:
        self.found = Found()
        self._started, self._ends = time.monotonic(), time.monotonic() + seconds
        self._marks: set[bytes] = set()
        self._shapes: set[tuple[int, int]] = set()
        self._keys: list[float] = []
        self._times: list[tuple[float, float]] = []  # of pictures, by the stream's clock and by ours
        self._came: list[float] = []  # and by ours
        self._newest: av.VideoFrame | None = None
        self._said = 0.0

    def follow(self, address: str) -> None:
        """Raises av.FFmpegError, OSError, ValueError."""
        live = address.lower().startswith("rtsp")
        with av.open(address, options=LIVE if live else {}) as container:
            if not container.streams.video:
                raise ValueError("there is no video in it")
            video = container.streams.video[0]
            self._describe(video)
            for packet in container.demux(video):
                self._packet(packet, video)
                if time.monotonic() >= self._ends:
                    return
        self.found.ended = True

    def _describe(self, video: VideoStream) -> None:
        rate = video.average_rate or video.guessed_rate
        self.found.codec = video.codec_context.name
        self.found.width, self.found.height = video.width, video.height
        self.found.declared_fps = float(rate) if rate else None

    def _packet(self, packet: av.Packet[VideoStream], video: VideoStream) -> None:
        if packet.size:
            self.found.packets += 1
        if packet.is_keyframe and packet.pts is not None and packet.time_base is not None:
            self._keys.append(float(packet.pts * packet.time_base))
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            self.found.damaged += 1
            frames = []
        for frame in frames:
            self._picture(frame)
        now = time.monotonic()
        if now - self._said >= SAY_EVERY_S:
            self._said = now
            self.say()

    def _picture(self, frame: av.VideoFrame) -> None:
        now = time.monotonic()
        if self.found.first_picture_s is None:
            self.found.first_picture_s = now - self._started
        self.found.damaged += frame.is_corrupt
        self.found.pictures += 1
        self._shapes.add((frame.width, frame.height))
        self.found.width, self.found.height, self.found.sizes = frame.width, frame.height, len(self._shapes)
        self._came.append(now)
        if frame.time is not None:
            self._times.append((frame.time, now))
        grey = frame.reformat(width=64, height=36, format="gray").to_ndarray()
        self._marks.add(hashlib.sha256(grey.tobytes()).digest())
        self.found.distinct = len(self._marks)
        self._newest = frame

    def say(self, last: bool = False) -> None:
        found = self.found
        found.read_s = time.monotonic() - self._started
        span = self._came[-1] - self._came[0] if len(self._came) > 1 else 0.0
        found.measured_fps = (len(self._came) - 1) / span if span > 0 else None
        gaps = [later - earlier for earlier, later in pairwise(self._keys)]
        found.key_every_s = max(gaps) if gaps else None
        found.jumps = sum(_jumps(earlier, later) for earlier, later in pairwise(self._times))
        if last and self._newest is not None:
            pixels = np.ascontiguousarray(self._newest.to_ndarray(format="rgb24")).astype(np.uint8, copy=False)
            found.picture = base64.b64encode(to_jpeg(pixels, 90)).decode()
        print(json.dumps(asdict(found)), flush=True)


def _jumps(earlier: tuple[float, float], later: tuple[float, float]) -> bool:
    """Whether the stream's clock stood, or went further than ours. Pictures may come in bursts; so ours may lag."""
    passed = later[0] - earlier[0]
    return passed <= 0 or passed - (later[1] - earlier[1]) > JUMP_S


def main() -> None:
    """Read one order: {"address", "seconds"}."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = json.loads(sys.stdin.readline())
    reading = Reading(order["seconds"])
    try:
        reading.follow(order["address"])
    except (av.FFmpegError, OSError, ValueError) as error:
        detail = (
            (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
        )  # str() holds the address
        reading.found.error = scrub(detail, secrets_of(order["address"]))
    reading.say(last=True)


if __name__ == "__main__":
    main()
