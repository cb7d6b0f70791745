"""`configs/cameras.toml`: what one agent watches. A person edits it, so a misspelt key or a fault is named and stops it."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from balefire.camera.hours import ActiveHours, parse_span
from balefire.camera.motion import GateSettings
from balefire.camera.settings import WatchSettings
from balefire.camera.source import Source, parse_source
from balefire.domain.camera import SLUG
from balefire.domain.errors import BadInput, BadSetting
from balefire.strict_toml import StrictModel, read_toml

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
Corner = tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]]
Mask = Annotated[list[Corner], Field(min_length=3)]


class CameraTable(StrictModel):
    """One camera. What is left out is as in `[defaults]`, else as here. `detectors` are those of `--edge`."""

    id: Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
    source: str
    fps: Annotated[float | None, Field(gt=0, le=60)] = None
    active: list[str] | None = None
    privacy_masks: list[Mask] = []
    motion_gate: bool | None = None
    key_frames: bool | None = None
    loop: bool = False
    detectors: Annotated[list[str], Field(min_length=1)] = ["fire"]
    key_file: Path | None = None

    @field_validator("active")
    @classmethod
    def _spans(cls, spans: list[str] | None) -> list[str] | None:
        for span in spans or []:
            parse_span(span)
        return spans


class DefaultsTable(StrictModel):
    fps: Annotated[float, Field(gt=0, le=60)] = 1.0
    active: list[str] = []
    motion_gate: bool = False
    key_frames: bool = True
    heartbeat_s: Annotated[float, Field(gt=0)] = 30.0
    jpeg_quality: Annotated[int, Field(ge=30, le=100)] = 90
    spool_bytes: Annotated[int, Field(ge=0)] = 1 << 30


class AgentTable(StrictModel):
    """`key_file`: one key for all cameras (of their unit); BALEFIRE_KEY stands in for it. `time_zone`: of `active`."""

    server: str = "http://127.0.0.1:3000"
    key_file: Path | None = None
    time_zone: str = ""
    defaults: DefaultsTable = DefaultsTable()
    cameras: Annotated[list[CameraTable], Field(min_length=1)]


@dataclass(frozen=True, slots=True, repr=False)
class Watched:
    """One camera of the agent, all settings resolved. Never shown whole: `source` and `key` hold secrets."""

    camera: str
    source: Source
    settings: WatchSettings
    active: ActiveHours
    key: str
    loop: bool
    detectors: tuple[str, ...]
    heartbeat_s: float


@dataclass(frozen=True, slots=True, repr=False)
class AgentConfig:
    server: str
    cameras: tuple[Watched, ...]


def read_config(path: Path, server: str | None = None, key: str = "") -> AgentConfig:
    """Read, resolve `${VARIABLES}` of the environment in sources, and check. `server` and `key` override the file's.

    Raises BadSetting with the file and what is wrong, without credentials in it.
    """
    table = read_toml(path, AgentTable)
    twice = [name for name, count in Counter(camera.id for camera in table.cameras).items() if count > 1]
    if twice:
        raise BadSetting(f"{path}: camera {twice[0]} stands there twice")
    common = key or (_key_in(path, table.key_file) if table.key_file else "")
    try:
        zone = ZoneInfo(table.time_zone) if table.time_zone else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSetting(f"{path}: time_zone: {table.time_zone} is none; write Asia/Shanghai") from error
    cameras = tuple(_watched(path, table, camera, common, zone) for camera in table.cameras)
    return AgentConfig(server or table.server, cameras)


def _watched(path: Path, table: AgentTable, camera: CameraTable, common: str, zone: ZoneInfo | None) -> Watched:
    usual = table.defaults
    gated = usual.motion_gate if camera.motion_gate is None else camera.motion_gate
    spans = usual.active if camera.active is None else camera.active
    key = _key_in(path, camera.key_file) if camera.key_file else common
    if not key:
        raise BadSetting(f"{path}: camera {camera.id} has no key: set BALEFIRE_KEY or key_file")
    try:
        settings = WatchSettings(
            fps=camera.fps or usual.fps,
            jpeg_quality=usual.jpeg_quality,
            spool_bytes=usual.spool_bytes,
            privacy_masks=tuple(tuple(mask) for mask in camera.privacy_masks),
            gate=GateSettings(heartbeat_s=usual.heartbeat_s) if gated else None,
            key_frames=usual.key_frames if camera.key_frames is None else camera.key_frames,
        )
        source = parse_source(_resolved(camera.source))
    except BadInput as error:
        raise BadSetting(f"{path}: camera {camera.id}: {error}") from error
    return Watched(
        camera.id,
        source,
        settings,
        ActiveHours(tuple(map(parse_span, spans)), zone),
        key,
        camera.loop,
        tuple(camera.detectors),
        usual.heartbeat_s,
    )


def _resolved(source: str) -> str:
    """`rtsp://user:${RIDGE_PASSWORD}@…` with the variable's value. Raises BadInput where it is not set."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise BadInput(f"the environment has no {found[1]}")
        return os.environ[found[1]]

    return VARIABLE.sub(value, source)


def _key_in(path: Path, key_file: Path) -> str:
    """Relative to the configuration's folder."""
    file = path.parent / key_file
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path}: key_file {file} cannot be read") from error
