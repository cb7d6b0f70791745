"""The service's settings: one typed value from `configs/service.toml` (or `--config`), over it `BALEFIRE_*`."""

from __future__ import annotations

import difflib
import ipaddress
import os
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from balefire.domain.detection import Hazard
from balefire.domain.errors import BadSetting
from balefire.domain.policy import Policies, Policy, Variant
from balefire.domain.retention import Retention
from balefire.notify_settings import SECRET_PREFIX, NotifySettings
from balefire.strict_toml import StrictModel, checked, read_toml

CHECKOUT = Path(__file__).resolve().parent.parent
PREFIX = "BALEFIRE_"
# Read by other programs of the project, so they stop no start of the service.
OTHERS = {"DATASETS", "WEIGHTS", "RUNS", "CONFIG", "KEY", "SERVER"}


LISTS = {"detectors", "trusted_proxies"}  # in the environment, with commas between


class RetentionSettings(StrictModel):
    """Days per verdict; 0: for ever."""

    ring_s: float = Field(default=20.0, ge=0, le=600)
    false_days: float = Field(default=30, ge=0)
    real_days: float = Field(default=365, ge=0)
    unsure_days: float = Field(default=365, ge=0)
    unreviewed_days: float = Field(default=0, ge=0)
    not_raised_days: float = Field(default=3, ge=0)
    reference_days: float = Field(default=30, ge=0)
    rows_days: float = Field(default=1, gt=0)

    def value(self) -> Retention:
        return Retention(
            ring_s=self.ring_s, false_days=self.false_days or None, real_days=self.real_days or None,
            unsure_days=self.unsure_days or None, unreviewed_days=self.unreviewed_days or None,
            not_raised_days=self.not_raised_days or None, reference_days=self.reference_days or None,
            rows_days=self.rows_days,
        )  # fmt: skip


class Settings(StrictModel):
    """Visible defaults. Every field may be set by `BALEFIRE_<NAME>` too; bytes and pixels are plain numbers."""

    state: Path = Path("state")
    database_url: str = ""  # empty: SQLite in the state folder
    frames_url: str = ""  # empty: a folder in the state folder; s3://bucket/prefix
    models: Path = CHECKOUT / "models"
    policies: Path = CHECKOUT / "configs" / "policies.toml"
    detectors: list[str] = []  # empty: every champion of the catalogue
    runtime: Literal["auto", "onnxruntime", "openvino", "cuda"] = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16", "int8"] = "auto"  # auto: what passes the golden pictures
    tune: bool = True  # measure runtimes in the background after a start on a new machine
    workers: int = Field(default=0, ge=0, le=64)  # 0: as measured, else one a core
    queue: int = Field(default=64, ge=1)  # waiting frames in all
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)
    byte_limit: int = Field(default=20_000_000, ge=1_000)
    pixel_limit: int = Field(default=50_000_000, ge=10_000)
    frames_per_second: float = Field(default=30.0, gt=0)  # a camera that posts faster gets 429
    silent_s: float = Field(default=60.0, gt=0)
    look_s: float = Field(default=5.0, gt=0)  # how often each camera's pictures are looked at as such: dark, blurred, turned
    reserve_bytes: int = Field(default=200_000_000, ge=0)  # free disk below this: 507
    store_limit_bytes: int = Field(default=0, ge=0)  # frames in all; 0: what the disk holds
    time_zone: str = "UTC"  # of the city, as Asia/Shanghai: pages show its time
    public_url: str = ""  # as people reach the page; empty: http(s)://host:port
    tls_certificate: Path | None = None  # PEM, with the chain; both: the service speaks TLS itself
    tls_key: Path | None = None
    trusted_proxies: list[str] = []  # addresses or networks whose X-Forwarded-For and -Proto count; nobody else's do
    retention: RetentionSettings = RetentionSettings()
    notify: NotifySettings = NotifySettings()

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no time zone {value!r}: write one as Asia/Shanghai") from error

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, values: list[str]) -> list[str]:
        return [str(ipaddress.ip_network(value.strip())) for value in values if value.strip()]

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Settings:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        return self

    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.state.resolve() / 'balefire.sqlite'}"

    def frames(self) -> str:
        return self.frames_url or str(self.state.resolve() / "frames")

    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "https" if self.tls_certificate else "http"
        return self.public_url.rstrip("/") or f"{scheme}://{host}:{self.port}"


def read_settings(path: Path | None = None) -> Settings:
    """Settings from `path`, else from `BALEFIRE_CONFIG`, else the defaults; `BALEFIRE_*` stands above the file.

    Raises BadSetting for a key nobody reads, and names the near one.
    """
    named = path or (Path(os.environ["BALEFIRE_CONFIG"]) if "BALEFIRE_CONFIG" in os.environ else None)
    base = read_toml(named, Settings) if named else Settings()
    values = {**base.model_dump(), **_environment()}
    return checked(Settings, values, "settings")


def _environment() -> dict[str, Any]:
    known = set(Settings.model_fields)
    found: dict[str, Any] = {}
    for name, value in os.environ.items():
        if not name.startswith(PREFIX) or name.startswith(SECRET_PREFIX) or name.removeprefix(PREFIX) in OTHERS:
            continue
        key = name.removeprefix(PREFIX).lower()
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"; did you mean {PREFIX}{near[0].upper()}?" if near else ""
            raise BadSetting(f"environment: unknown key {name}{hint}")
        found[key] = value.split(",") if key in LISTS else value
    return found


class Rule(StrictModel):
    """The keys of a policy (`balefire.domain.policy.Policy`), each optional: what a variant does not say, the hazard says."""

    sightings: int | None = None
    frames: int | None = None
    window_s: float | None = None
    open_s: float | None = None
    confidence: float | None = None
    sure: float | None = None
    plain: float | None = None
    grown: float | None = None
    dwell_s: float | None = None
    link_iou: float | None = None
    link_distance: float | None = None
    link_s: float | None = None
    steady_iou: float | None = None
    steady_sightings: int | None = None
    standing_s: float | None = None
    regrown: float | None = None
    forget_s: float | None = None

    def said(self) -> dict[str, Any]:
        return {key: value for key, value in self.model_dump(include=set(Rule.model_fields)).items() if value is not None}


class HazardRules(Rule):
    """One hazard: the general rule, and what differs for thermal, turning and moving cameras, and by night."""

    sightings: int
    frames: int
    window_s: float
    open_s: float
    thermal: Rule = Rule()
    turning: Rule = Rule()
    moving: Rule = Rule()
    night: Rule = Rule()


class PoliciesFile(StrictModel):
    flame: HazardRules
    smoke: HazardRules
    waste: HazardRules


def read_policies(path: Path) -> Policies:
    """`configs/policies.toml`: one table a hazard, and below it one a variant. Raises BadSetting."""
    tables = read_toml(path, PoliciesFile)
    rules = {}
    try:
        for hazard in Hazard:
            table: HazardRules = getattr(tables, hazard)
            for holds in _together():
                values = table.said()
                for variant in Variant:
                    if variant in holds:
                        values |= getattr(table, variant).said()
                rules[hazard, holds] = Policy(hazard=hazard, **values)
    except ValueError as error:
        raise BadSetting(f"{path}: {error}") from error
    return Policies(rules)


def _together() -> list[frozenset[Variant]]:
    """The sets of variants that may hold at once."""
    mounts = (set[Variant](), {Variant.TURNING}, {Variant.MOVING})
    kinds, lights = (set[Variant](), {Variant.THERMAL}), (set[Variant](), {Variant.NIGHT})
    return [frozenset(kind | mount | light) for kind in kinds for mount in mounts for light in lights]
