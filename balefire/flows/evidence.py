"""All that is known of one event, as files that stand for themselves: pictures as stored, clip, facts, and their checksums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from balefire.domain.errors import UnknownFrame
from balefire.domain.event import Event
from balefire.domain.frame import Frame
from balefire.flows import wire
from balefire.flows.ports import FrameStore

Clip = Callable[[Iterable[tuple[bytes, datetime]]], bytes]


def evidence(
    store: FrameStore, facts: wire.Json, event: Event, frames: Sequence[Frame], clip: Clip
) -> Iterator[tuple[str, bytes]]:
    """Files by path, one picture in memory at a time. `facts`: the event as the API tells it. What is removed is named."""
    sums: list[str] = []
    paths: dict[str, str] = {}

    def summed(path: str, data: bytes) -> tuple[str, bytes]:
        sums.append(f"{hashlib.sha256(data).hexdigest()}  {path}\n")
        return path, data

    for number, frame in enumerate(frames):
        if (picture := _picture(store, frame)) is not None:
            paths[frame.id] = f"pictures/{number:05d}_{frame.captured_at:%Y%m%dT%H%M%SZ}.jpg"
            yield summed(paths[frame.id], picture)
    kept = [frame for frame in frames if frame.id in paths]
    if kept:
        yield summed("clip.mp4", clip((picture, frame.captured_at) for frame in kept if (picture := _picture(store, frame))))
    sequence = [
        {**wire.event_frame(number, event.id, frame, event), "file": paths.get(frame.id), "removed": frame.id not in paths}
        for number, frame in enumerate(frames)
    ]
    yield summed("event.json", json.dumps({**facts, "frames": sequence}, ensure_ascii=False, indent=1).encode())
    removed = [frame for frame in frames if frame.id not in paths]
    if removed:
        yield summed("REMOVED.txt", "".join(_removed(frame) for frame in removed).encode())
    yield "SHA256SUMS", "".join(sums).encode()


def _picture(store: FrameStore, frame: Frame) -> bytes | None:
    """None: retention has removed it."""
    try:
        return store.get(frame.picture) if frame.picture else None
    except UnknownFrame:
        return None


def _removed(frame: Frame) -> str:
    return f"frame {frame.id}, captured {wire.time(frame.captured_at)}: its picture was removed by retention\n"
