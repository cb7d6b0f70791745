"""Cameras and their pulses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from balefire.adapters.database.mapping import dump_camera, dump_clock, dump_senders, load_camera, load_clock, load_senders
from balefire.adapters.database.reach import reaches_camera
from balefire.adapters.database.tables import cameras, pulses
from balefire.domain.access import EVERYWHERE, Reach
from balefire.domain.camera import Camera
from balefire.domain.clock import CameraClock
from balefire.domain.errors import Conflict, UnknownCamera
from balefire.domain.health import Fault
from balefire.flows.ports import CameraPulse

COLUMNS = (cameras.c.id, cameras.c.name, cameras.c.unit, cameras.c.facts, cameras.c.retired_at)

# Built once: every frame asks them, and putting a statement together costs more than running it.
GET = select(*COLUMNS).where(cameras.c.id == bindparam("camera"))
PULSE = select(pulses).where(pulses.c.camera == bindparam("camera"))
LOCK = PULSE.with_for_update()  # SQLite: the whole file is locked
WITH_PULSE = (
    select(*COLUMNS, *pulses.c).join(pulses, pulses.c.camera == cameras.c.id).where(cameras.c.id == bindparam("camera"))
)
SAVE_PULSE = update(pulses).where(pulses.c.camera == bindparam("beating"))


class SqlCameras:
    """Implements `ports.Cameras`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, camera: Camera) -> None:
        self.add_all([camera])

    def add_all(self, new: Sequence[Camera]) -> None:
        if not new:
            return
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(cameras), [{"id": camera.id, **_row(camera)} for camera in new])
        except IntegrityError as error:
            named = f"a camera {new[0].id}" if len(new) == 1 else "one of these cameras"
            raise Conflict(f"there is {named} already") from error
        fresh = dump_clock(CameraClock())
        self._connection.execute(insert(pulses), [{"camera": camera.id, "clock": fresh} for camera in new])

    def save(self, camera: Camera) -> None:
        done = self._connection.execute(update(cameras).where(cameras.c.id == camera.id).values(**_row(camera)))
        if done.rowcount == 0:
            raise UnknownCamera(f"no camera {camera.id}")

    def get(self, camera_id: str) -> Camera:
        row = self._connection.execute(GET, {"camera": camera_id}).first()
        if row is None:
            raise UnknownCamera(f"no camera {camera_id}")
        return load_camera(*row)

    def all(self, after: str | None = None, limit: int = 1000, within: Reach = EVERYWHERE) -> list[Camera]:
        query = select(*COLUMNS).where(reaches_camera(cameras.c.id, within)).order_by(cameras.c.id).limit(limit)
        if after is not None:
            query = query.where(cameras.c.id > after)
        return [load_camera(*row) for row in self._connection.execute(query)]

    def reached(self, camera_ids: Iterable[str], within: Reach) -> set[str]:
        query = select(cameras.c.id).where(cameras.c.id.in_(set(camera_ids)), reaches_camera(cameras.c.id, within))
        return set(self._connection.execute(query).scalars())

    def with_zones(self, within: Reach = EVERYWHERE) -> list[Camera]:
        wanted = (cameras.c.zones > 0, cameras.c.retired_at.is_(None), reaches_camera(cameras.c.id, within))
        return [load_camera(*row) for row in self._connection.execute(select(*COLUMNS).where(*wanted).order_by(cameras.c.id))]

    def lock(self, camera_id: str) -> CameraPulse:
        return self._pulse(camera_id, lock=True)

    def pulse(self, camera_id: str) -> CameraPulse:
        return self._pulse(camera_id, lock=False)

    def with_pulse(self, camera_id: str) -> tuple[Camera, CameraPulse]:
        row = self._connection.execute(WITH_PULSE, {"camera": camera_id}).first()
        if row is None:
            raise UnknownCamera(f"no camera {camera_id}")
        return load_camera(*row[: len(COLUMNS)]), _pulse(row[len(COLUMNS) :])

    def save_pulse(self, pulse: CameraPulse) -> None:
        values = {
            "beating": pulse.camera, "last_frame_at": pulse.last_frame_at, "last_new_at": pulse.last_new_at,
            "last_captured_at": pulse.last_captured_at, "last_picture_sha256": pulse.last_picture_sha256,
            "last_reference_at": pulse.last_reference_at, "clock": dump_clock(pulse.clock), "frames": pulse.frames,
            "faults": " ".join(pulse.faults), "looked_at": pulse.looked_at, "interval_s": pulse.interval_s,
            "minute_at": pulse.minute_at, "minute_frames": pulse.minute_frames, "minute_before": pulse.minute_before,
            "senders": dump_senders(pulse.senders), "unjudged": " ".join(pulse.unjudged),
        }  # fmt: skip
        self._connection.execute(SAVE_PULSE, values)

    def pulses(
        self,
        after: str | None = None,
        limit: int | None = None,
        within: Reach = EVERYWHERE,
        retired: bool | None = None,
        faulty: bool | None = None,
    ) -> list[CameraPulse]:
        query = select(pulses).where(reaches_camera(pulses.c.camera, within)).order_by(pulses.c.camera).limit(limit)
        if after is not None:
            query = query.where(pulses.c.camera > after)
        if faulty is not None:
            query = query.where(pulses.c.faults != "" if faulty else pulses.c.faults == "")
        if retired is not None:
            ended = cameras.c.retired_at.is_not(None) if retired else cameras.c.retired_at.is_(None)
            query = query.join(cameras, cameras.c.id == pulses.c.camera).where(ended)
        return [_pulse(row) for row in self._connection.execute(query)]

    def _pulse(self, camera_id: str, lock: bool) -> CameraPulse:
        row = self._connection.execute(LOCK if lock else PULSE, {"camera": camera_id}).first()
        if row is None:
            raise UnknownCamera(f"no camera {camera_id}")
        return _pulse(row)


def _row(camera: Camera) -> dict[str, object]:
    return {"name": camera.name, "unit": camera.unit, "facts": dump_camera(camera), "retired_at": camera.retired_at,
        "zones": len(camera.ignore_zones),
    }  # fmt: skip


def _pulse(row: Sequence[Any]) -> CameraPulse:
    """Of a whole row of `pulses`."""
    values = dict(zip(pulses.c.keys(), row, strict=True))
    lists = {key: tuple(Fault(name) for name in values[key].split()) for key in ("faults", "unjudged")}
    return CameraPulse(**{
        **values, **lists, "clock": load_clock(values["clock"]), "senders": load_senders(values["senders"])
    })  # fmt: skip
