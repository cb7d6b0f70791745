"""Streams, video files and rendered scenes as pictures in time. Runs in the reading process; it may hang or be killed.

Every generator here yields a Shot when one is due, and None as a sign of life in between.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from balefire.camera.motion import GateSettings
from balefire.camera.source import SourceKind
from balefire.domain.errors import BadInput, SourceLost
from balefire.domain.geometry import Polygon
from balefire.vision.image import Rgb

KEY_FRAMES_SEEN = 4  # before they are believed to come regularly
KEY_SLACK = 1.1  # times the wanted distance: 25 frames of a camera's clock are not quite a second of ours
HLS = {"live_start_index": "-1"}

Shots: TypeAlias = "Iterator[Shot | None]"


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """What a reading process is asked to do: goes to it through its stdin, because it may hold credentials."""

    kind: SourceKind
    address: str
    fps: float
    realtime: bool
    loop: bool
    jpeg_quality: int
    picture_timeout_s: float
    alive_every_s: float
    seed: int = 0
    starts_s: float | None = None
    privacy_masks: tuple[Polygon, ...] = ()
    gate: GateSettings | None = None
    key_frames: bool = True

    @classmethod
    def read(cls, text: bytes | str) -> ReadOrder:
        """From the JSON of its fields."""
        fields = json.loads(text)
        masks = tuple(tuple((float(x), float(y)) for x, y in mask) for mask in fields.pop("privacy_masks"))
        gate = fields.pop("gate")
        kind = SourceKind(fields.pop("kind"))
        return cls(kind=kind, privacy_masks=masks, gate=GateSettings(**gate) if gate else None, **fields)


@dataclass(frozen=True, slots=True)
class Shot:
    captured_at: datetime
    rgb: Rgb


def shots(order: ReadOrder) -> Shots:
    """Raises SourceLost or av.FFmpegError for what may come back, BadInput for what cannot."""
    if order.kind == SourceKind.STREAM:
        return _stream(order)
    if order.kind == SourceKind.SCENE:
        return _scene(order)
    return _video(order)


class Pace:
    """Says when the next picture is due, in any clock's seconds. Never catches up on what was missed."""

    def __init__(self, fps: float) -> None:
        self._every_s = 1 / fps
        self._next_s: float | None = None

    def due(self, now_s: float) -> bool:
        # Half a millisecond of slack: 25 frames a second are not 0.04 s apart in every clock.
        if self._next_s is not None and now_s < self._next_s - 0.0005:
            return False
        start_s = now_s if self._next_s is None else self._next_s
        self._next_s = max(start_s + self._every_s, now_s + self._every_s / 2)
        return True


class KeyFrames:
    """Whether a stream's key frames alone come often enough: then nothing between them needs to be decoded."""

    def __init__(self, fps: float) -> None:
        self._every_s = KEY_SLACK / fps
        self._times: deque[float] = deque(maxlen=KEY_FRAMES_SEEN)
        self._alone = False

    def wanted(self, is_key: bool, at_s: float) -> bool:
        """Whether to decode a packet. at_s: its time in the stream. Changes its mind at a key frame only: between two,
        pictures build on those before them."""
        if is_key:
            self._times.append(at_s)
            gaps = [later - earlier for earlier, later in pairwise(self._times)]
            self._alone = len(self._times) == KEY_FRAMES_SEEN and min(gaps) > 0 and max(gaps) <= self._every_s
        return is_key or not self._alone


def _stream(order: ReadOrder) -> Shots:
    yield None
    # TCP: a lost UDP packet smears half a picture, and smears look like smoke. HLS: begin with its newest segment.
    options = {"rtsp_transport": "tcp", "flags": "low_delay"} if order.address.lower().startswith("rtsp") else HLS
    with av.open(order.address, options=options) as container:
        video = _first_video(container.streams.video)
        video.thread_type = "SLICE"  # frame threads would hold several frames back
        pace, seen, keys = Pace(order.fps), time.monotonic(), KeyFrames(order.fps)
        for packet in container.demux(video):
            yield None
            at_s = None if packet.pts is None or packet.time_base is None else float(packet.pts * packet.time_base)
            if order.key_frames and at_s is not None and not keys.wanted(packet.is_keyframe, at_s):
                continue
            for frame in _decoded(packet):
                seen = time.monotonic()
                if pace.due(seen):
                    yield Shot(datetime.now(UTC), _rgb(frame))
            if time.monotonic() - seen > order.picture_timeout_s:
                raise SourceLost(f"data comes, but no picture for {order.picture_timeout_s:g} s")
    raise SourceLost("the stream ended")


def _video(order: ReadOrder) -> Shots:
    while True:
        count = 0
        for shot in _play(order):
            count += shot is not None
            yield shot
        if not count:
            raise BadInput("no picture in it can be decoded")
        if not order.loop:
            return


def _play(order: ReadOrder) -> Shots:
    """One pass. In real time, a frame is captured now; otherwise the file's own seconds count, and its end is now."""
    yield None
    with av.open(order.address) as container:
        video = _first_video(container.streams.video)
        pace, begun = Pace(order.fps), time.monotonic()
        ends_at, long_s = datetime.now(UTC), (container.duration or 0) / av.time_base
        origin: float | None = None
        for number, frame in enumerate(_frames(container.demux(video))):
            at_s = frame.time if frame.time is not None else number / float(video.average_rate or 25)
            origin = at_s if origin is None else origin
            at_s -= origin
            if not pace.due(at_s):
                continue
            if order.realtime:
                yield from _wait_until(begun + at_s, order.alive_every_s)
                yield Shot(datetime.now(UTC), _rgb(frame))
            else:
                yield Shot(min(ends_at - timedelta(seconds=long_s - at_s), datetime.now(UTC)), _rgb(frame))


def _scene(order: ReadOrder) -> Shots:
    from balefire.vision.scenes import scene  # builds its noise: only for those who want it

    stage = (
        scene(order.address, order.seed)
        if order.starts_s is None
        else scene(order.address, order.seed, starts_s=order.starts_s)
    )
    yield None
    begun = moment = time.monotonic()
    while True:
        yield from _wait_until(moment, order.alive_every_s)
        yield Shot(datetime.now(UTC), stage.frame(moment - begun))
        moment = max(moment + 1 / order.fps, time.monotonic())


def _wait_until(moment: float, alive_every_s: float) -> Iterator[None]:
    """`moment` on the monotonic clock."""
    while (left_s := moment - time.monotonic()) > 0:
        time.sleep(min(left_s, alive_every_s))
        yield None


def _frames(packets: Iterator[av.Packet[VideoStream]]) -> Iterator[VideoFrame]:
    for packet in packets:
        yield from _decoded(packet)


def _decoded(packet: av.Packet[VideoStream]) -> list[VideoFrame]:
    """Damaged packets and pictures are passed over: a radio link has them every day."""
    try:
        return [frame for frame in packet.decode() if not frame.is_corrupt]
    except av.InvalidDataError:
        return []


def _first_video(streams: tuple[VideoStream, ...]) -> VideoStream:
    if not streams:
        raise BadInput("there is no video in it")
    return streams[0]


def _rgb(frame: VideoFrame) -> Rgb:
    """Upright: phones store how they were held beside the pixels."""
    pixels = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(pixels, frame.rotation // 90)).astype(np.uint8, copy=False)
