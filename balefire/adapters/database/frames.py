"""Frames: what came, what was seen, and which pictures are still there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, exists, insert, select, update

from balefire.adapters.database import outcomes
from balefire.adapters.database.mapping import dump_detections, dump_pose, load_detections, load_pose
from balefire.adapters.database.tables import event_frames, frames, sightings
from balefire.domain.access import EVERYWHERE, Reach
from balefire.domain.errors import UnknownFrame
from balefire.domain.frame import Frame, FrameStatus, Keep

EVIDENCE = (FrameStatus.ACCEPTED, FrameStatus.LATE)


class SqlFrames:
    """Implements `ports.Frames`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, frame: Frame) -> None:
        values = {name: getattr(frame, name) for name in Frame.__slots__}
        self._connection.execute(
            ADD, {**values, "detections": dump_detections(frame.detections), "pose": dump_pose(frame.pose)}
        )

    def get(self, frame_row: str) -> Frame:
        found = self._all(select(frames).where(frames.c.id == frame_row))
        if not found:
            raise UnknownFrame(f"no frame {frame_row}")
        return found[0]

    def find(self, camera: str, frame_id: str) -> Frame | None:
        row = self._connection.execute(FIND, {"camera": camera, "frame_id": frame_id}).first()
        return frame_of(row) if row is not None else None

    def times_before(self, camera: str, captured_at: datetime, limit: int, preset: str | None = None) -> list[datetime]:
        query = TIMES_BEFORE if preset is None else TIMES_BEFORE_IN_PRESET
        asked = {"camera": camera, "at": captured_at, "most": limit, **({} if preset is None else {"preset": preset})}
        return list(self._connection.execute(query, asked).scalars())

    def between(self, camera: str, since: datetime, until: datetime, preset: str | None, limit: int) -> list[Frame]:
        span = frames.c.captured_at.between(since, until)
        query = select(frames).where(frames.c.camera == camera, span, _in_preset(preset))
        first = self._all(query.order_by(frames.c.captured_at, frames.c.id).limit(limit))
        return sorted(first, key=lambda frame: (frame.received_at, frame.id))

    def newest_picture(self, camera: str) -> Frame | None:
        query = select(frames).where(frames.c.camera == camera, frames.c.picture.is_not(None))
        found = self._all(query.order_by(frames.c.captured_at.desc()).limit(1))
        return found[0] if found else None

    def minutes_watched(self, since: datetime, until: datetime, within: Reach = EVERYWHERE) -> dict[str, int]:
        return outcomes.minutes_watched(self._connection, since, until, within)

    def in_ring(self, camera: str, since: datetime, until: datetime) -> list[Frame]:
        span = frames.c.captured_at.between(since, until)
        query = select(frames).where(frames.c.camera == camera, span, frames.c.picture.is_not(None))
        return self._all(query.order_by(frames.c.captured_at))

    def keep(self, rows: Sequence[str], keep: Keep) -> None:
        if rows:
            self._connection.execute(update(frames).where(frames.c.id.in_(rows)).values(keep=keep))

    def expired_ring(self, before: datetime, limit: int) -> list[Frame]:
        return self._all(_kept(Keep.RING, before, limit))

    def unlinked(self, before: datetime, limit: int) -> list[Frame]:
        linked = exists().where(event_frames.c.frame == frames.c.id)
        return self._all(_kept(Keep.EVENT, before, limit).where(~linked))

    def old_references(self, before: datetime, limit: int) -> list[Frame]:
        return self._all(_kept(Keep.REFERENCE, before, limit))

    def forget_pictures(self, rows: Sequence[str]) -> None:
        if rows:
            self._connection.execute(update(frames).where(frames.c.id.in_(rows)).values(picture=None, keep=None))

    def thin(self, before: datetime) -> int:
        linked = exists().where(event_frames.c.frame == frames.c.id)
        sighted = exists().where(sightings.c.frame == frames.c.id)
        old = (frames.c.received_at < before, frames.c.picture.is_(None), frames.c.first_of_minute.is_(False))
        return self._connection.execute(delete(frames).where(*old, ~linked, ~sighted)).rowcount

    def _all(self, query: Select[tuple[object, ...]]) -> list[Frame]:
        return [frame_of(row) for row in self._connection.execute(query)]


def _in_preset(preset: str | None) -> ColumnElement[bool]:
    return frames.c.preset.is_(None) if preset is None else frames.c.preset == preset


# Built once: every frame asks them, and putting a statement together costs more than running it.
ADD = insert(frames)
FIND = select(frames).where(frames.c.camera == bindparam("camera"), frames.c.frame_id == bindparam("frame_id"))
TIMES = (
    select(frames.c.captured_at)
    .where(frames.c.camera == bindparam("camera"), frames.c.captured_at <= bindparam("at"), frames.c.status.in_(EVIDENCE))
    .order_by(frames.c.captured_at.desc())
    .limit(bindparam("most"))
)
TIMES_BEFORE = TIMES.where(frames.c.preset.is_(None))
TIMES_BEFORE_IN_PRESET = TIMES.where(frames.c.preset == bindparam("preset"))


def _kept(keep: Keep, before: datetime, limit: int) -> Select[tuple[object, ...]]:
    old = (frames.c.keep == keep, frames.c.received_at < before, frames.c.picture.is_not(None))
    return select(frames).where(*old).order_by(frames.c.received_at).limit(limit)


def frame_of(row: Row[tuple[object, ...]]) -> Frame:
    """Of a whole row of `frames`."""
    values = dict(row._mapping)
    return Frame(
        **{
            **values,
            "status": FrameStatus(values["status"]),
            "keep": Keep(values["keep"]) if values["keep"] else None,
            "detections": load_detections(values["detections"]),
            "pose": load_pose(values["pose"]),
        }
    )
