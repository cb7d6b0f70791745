"""What a person types as SOURCE, and which kind it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from balefire.camera.redact import redact
from balefire.domain.errors import BadInput

PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"}
KNOWN = "a video file, a folder of pictures, rtsp://…, rtsps://…, http(s)://… (snapshot, MJPEG, HLS), or scene:NAME"


class SourceKind(StrEnum):
    STREAM = "stream"  # RTSP or HLS: live, read by a child process
    SNAPSHOT = "snapshot"  # one picture for each HTTP GET, or MJPEG where the camera answers so
    VIDEO = "video"  # a file, read by a child process
    PICTURES = "pictures"  # a folder, or one picture
    SCENE = "scene"  # rendered, by a child process


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """`address` may hold credentials; whoever shows a source shows `shown`."""

    kind: SourceKind
    address: str
    seed: int = 0
    starts_s: float | None = None  # scenes: when the fire starts; None: the scene's own time

    @property
    def shown(self) -> str:
        return f"scene:{self.address}" if self.kind == SourceKind.SCENE else redact(self.address)

    @property
    def live(self) -> bool:
        """Whether it goes on for ever, at its own pace."""
        return self.kind in (SourceKind.STREAM, SourceKind.SNAPSHOT, SourceKind.SCENE)

    def __repr__(self) -> str:
        return f"Source({self.kind}, {self.shown!r})"


def parse_source(text: str) -> Source:
    """Raises BadInput, without credentials in it, for what is none of the kinds."""
    if text.startswith("scene:"):
        return _scene(text)
    scheme = re.match(r"([a-z][a-z0-9+.-]*)://", text, re.IGNORECASE)
    if scheme:
        return _address(text, scheme.group(1).lower())
    path = Path(text).expanduser()
    if path.is_dir():
        return Source(SourceKind.PICTURES, str(path))
    if path.is_file():
        return Source(SourceKind.PICTURES if path.suffix.lower() in PICTURES else SourceKind.VIDEO, str(path))
    raise BadInput(f"{text}: no such file or folder. A source is {KNOWN}")


def _address(text: str, scheme: str) -> Source:
    kinds = {scheme: SourceKind.STREAM for scheme in ("rtsp", "rtsps")}
    kinds |= {scheme: SourceKind.SNAPSHOT for scheme in ("http", "https")}
    if scheme not in kinds:
        raise BadInput(f"{redact(text)}: {scheme}:// is not read. A source is {KNOWN}")
    if not text.partition("://")[2].strip("/"):
        raise BadInput(f"{redact(text)}: no host in it")
    playlist = kinds[scheme] == SourceKind.SNAPSHOT and urlsplit(text).path.lower().endswith(".m3u8")
    return Source(SourceKind.STREAM if playlist else kinds[scheme], text)


def _scene(text: str) -> Source:
    """scene:NAME?seed=3&starts_s=20"""
    parts = urlsplit(text)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(set(given) - {"seed", "starts_s"})
    if unknown or not parts.path:
        raise BadInput(f"{text}: a scene is scene:NAME, with ?seed= and &starts_s=; {', '.join(unknown)} is not known")
    try:
        starts_s = float(given["starts_s"]) if "starts_s" in given else None
        return Source(SourceKind.SCENE, parts.path, seed=int(given.get("seed", "0")), starts_s=starts_s)
    except ValueError as error:
        raise BadInput(f"{text}: seed is a whole number, starts_s a number of seconds") from error
