"""Ten seconds with one source: what it delivers, and what is wrong with it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import socket
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from balefire.camera.frame import Frame
from balefire.camera.pictures import pictures_in
from balefire.camera.probe_reader import Found
from balefire.camera.redact import without_credentials
from balefire.camera.settings import WatchSettings
from balefire.camera.snapshot import Snapshots
from balefire.camera.source import Source, SourceKind
from balefire.camera.status import Status
from balefire.domain.errors import BadInput, BalefireError
from balefire.domain.health import Circumstances, View, judge
from balefire.vision.glance import glance
from balefire.vision.image import decode, read_header

START_S = 1.5  # the child's own start is not the camera's fault
RESOLVE_S = 3.0
SMALL = 640  # pixels of width that the detectors look at
KEY_LONG_S = 5.0
SLOW = 0.6  # of the declared rate
STILL_S = 3.0

# What FFmpeg and the network say → what a person can do about it.
ADVICE = {
    "401": "name or password is wrong", "unauthorized": "name or password is wrong",
    "403": "the camera refuses this user", "forbidden": "the camera refuses this user",
    "404": "there is no such stream: look up the path in the camera's manual", 
    "not found": "there is no such stream: look up the path in the camera's manual",
    "refused": "nothing listens there: is the port right, is the service switched on in the camera?",
    "no route": "no way to that address: is the camera on and in this network?",
    "unreachable": "no way to that address: is the camera on and in this network?",
    "timed out": "nobody answers: is the camera on, does a firewall stand between?",
    "invalid data": "what comes is no video that can be read",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """`shown`: the address without credentials. `wrong`: sentences, the worst first; empty: all is well."""

    shown: str
    live: bool
    found: Found
    picture: bytes | None
    wrong: tuple[str, ...]


async def probe(source: Source, seconds: float) -> Report:
    """Read `source` for so many seconds in all. Raises BadInput where nothing can be read from it ever, as from a scene."""
    host = urlsplit(without_credentials(source.address)).hostname if "://" in source.address else None
    if host and (unknown := await _unknown(host)):
        return Report(source.shown, source.live, Found(error=unknown), None, (unknown,))
    if source.kind in (SourceKind.STREAM, SourceKind.VIDEO):
        found = await _in_child(source, seconds)
    elif source.kind is SourceKind.SNAPSHOT:
        found = await _snapshots(source, seconds)
    elif source.kind is SourceKind.PICTURES:
        found = await asyncio.to_thread(_folder, source)
    else:
        raise BadInput(f"{source.shown}: a scene is rendered here; there is no camera to test")
    picture = base64.b64decode(found.picture) or None
    return Report(source.shown, source.live, replace(found, picture=""), picture, tuple(faults(found, source, picture)))


def faults(found: Found, source: Source, picture: bytes | None) -> list[str]:
    """What is wrong, in sentences that say what to do."""
    if found.error and not found.pictures:
        return [f"{found.error}: {advice}" if (advice := _advice(found.error)) else found.error]
    if not found.pictures:
        what = "data comes, but no picture" if found.packets else "nothing comes"
        return [f"{what} within {found.read_s:.0f} s; the read was ended"]
    wrong = [found.error] if found.error else []
    live = source.live
    if live and found.ended and not found.error:
        wrong.append("the stream ended by itself")
    if found.distinct == 1 and found.pictures > 2 and (found.read_s > STILL_S or not live):
        wrong.append(f"the same picture {found.pictures} times: the camera or its encoder is frozen")
    if live and found.declared_fps and found.measured_fps and found.measured_fps < SLOW * found.declared_fps:
        wrong.append(f"it says {found.declared_fps:.3g} frames a second and sends {found.measured_fps:.2g}")
    if live and found.key_every_s is None and found.codec in ("h264", "hevc") and found.read_s > KEY_LONG_S:
        wrong.append(f"no two key frames in {found.read_s:.0f} s: after a lost packet the picture stays broken; set 1 to 2 s")
    elif live and found.key_every_s is not None and found.key_every_s > KEY_LONG_S:
        wrong.append(f"key frames are {found.key_every_s:.0f} s apart: set 1 to 2 s in the camera")
    if found.sizes > 1:
        wrong.append(f"it changed its size: {found.sizes} sizes")
    if found.damaged > 0.01 * max(found.packets, 1):
        wrong.append(f"{found.damaged} of {found.packets} packets are damaged: a bad line, or UDP over a full one")
    if live and found.jumps:
        wrong.append(f"its time jumped {found.jumps} times")
    if found.width < SMALL:
        wrong.append(f"{found.width} pixels wide: small smoke needs {SMALL} at least")
    sight = _sight(picture) if picture else ""
    return [*wrong, sight] if sight else wrong


def _sight(picture: bytes) -> str:
    """What the picture itself says; empty where nothing is wrong with it."""
    header = read_header(picture)
    seen = glance(decode(picture, header))
    judged = judge(seen, View(), 1.0, None, Circumstances())
    if judged is None:
        return f"dark: light {seen.light:.0f} of 255, as at night"
    return judged[1]


async def _in_child(source: Source, seconds: float) -> Found:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "balefire.camera.probe_reader", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, start_new_session=True, limit=1 << 25,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    started, newest = time.monotonic(), Found()
    order = {"address": source.address, "seconds": max(seconds - START_S, 1.0)}
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        await process.stdin.drain()
        async with asyncio.timeout(seconds):
            async for line in process.stdout:
                newest = Found(**json.loads(line))
            await process.wait()
    except TimeoutError:
        newest = replace(newest, read_s=time.monotonic() - started)
        process.kill()
        await process.wait()
    return newest


async def _snapshots(source: Source, seconds: float) -> Found:
    """As the agent asks: a picture for each GET, or MJPEG where the camera answers so."""
    status, started = Status("probe", source.shown, ""), time.monotonic()
    came: list[float] = []
    seen: list[bytes] = []

    async def take(frame: Frame) -> bool:
        came.append(time.monotonic())
        seen.append(frame.picture)
        return True

    settings = WatchSettings(fps=30.0, read_timeout_s=min(seconds, 5.0), reconnect_first_s=1.0, reconnect_most_s=1.0)
    error = ""
    try:
        async with asyncio.timeout(seconds):
            await Snapshots(source, settings, status).pump(take)
    except TimeoutError:
        pass
    except BalefireError as refused:
        error = str(refused)
    read_s = time.monotonic() - started
    if not seen:
        return Found(error=error or status.source_detail, read_s=read_s)
    headers = [read_header(picture) for picture in seen[-20:]]
    span = came[-1] - came[0]
    return Found(
        codec=headers[-1].format, width=headers[-1].width, height=headers[-1].height, pictures=len(seen),
        distinct=len({hashlib.sha256(picture).digest() for picture in seen}), first_picture_s=came[0] - started,
        read_s=read_s,
        sizes=len({(header.width, header.height) for header in headers}),
        measured_fps=(len(seen) - 1) / span if span > 0 else None, packets=len(seen),
        picture=base64.b64encode(seen[-1]).decode(),
    )  # fmt: skip


def _folder(source: Source) -> Found:
    path = Path(source.address)
    paths = [path] if path.is_file() else pictures_in(path)
    data = paths[-1].read_bytes()
    try:
        header = read_header(data)
    except BalefireError as error:
        return Found(error=f"{paths[-1].name}: {error}")
    return Found(
        codec=header.format, width=header.width, height=header.height, pictures=len(paths), packets=len(paths),
        distinct=len({hashlib.sha256(path.read_bytes()).digest() for path in paths}), sizes=1,
        picture=base64.b64encode(data).decode(),
    )  # fmt: skip


async def _unknown(host: str) -> str:
    try:
        async with asyncio.timeout(RESOLVE_S):
            await asyncio.get_running_loop().getaddrinfo(host, None)
    except (socket.gaierror, TimeoutError):
        return f"no host {host}: the name cannot be resolved"
    return ""


def _advice(error: str) -> str:
    return next((advice for sign, advice in ADVICE.items() if sign in error.lower()), "")
