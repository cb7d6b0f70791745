"""The reading process: what it makes of files and addresses that are no good, and that it never outlives its parent."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from balefire.camera.frame import HEAD, Frame, lengths, pack
from balefire.camera.reader import Newest
from balefire.camera.settings import WatchSettings
from balefire.camera.source import parse_source
from balefire.camera.status import Status
from balefire.camera.stream import ChildSource
from balefire.domain.errors import BadInput
from balefire.vision.image import Rgb, decode, read_header
from tests.needs import program
from tests.serving.service import free_port

ONE = 1 << 16  # 1.0 in the file's fixed-point numbers
QUICK = WatchSettings(fps=5, read_timeout_s=0.8, picture_timeout_s=2, reconnect_first_s=0.1, reconnect_most_s=0.2)


def _source(text: str, settings: WatchSettings = QUICK, *, realtime: bool = True, loop: bool = False) -> ChildSource:
    source = parse_source(text)
    return ChildSource(source, settings, Status("ridge-1", source.shown, "a server"), realtime, loop)


def _frames(source: ChildSource, most: int = 1000) -> list[tuple[float, Frame]]:
    """Each with the second in which it was handed over."""
    found: list[tuple[float, Frame]] = []

    async def take(frame: Frame) -> bool:
        found.append((time.monotonic(), frame))
        return len(found) < most

    asyncio.run(asyncio.wait_for(source.pump(take), 30))
    return found


def _notes_until(source: ChildSource, text: str, times: int) -> list[str]:
    """What is said of a source until `text` was said so often."""

    async def story() -> None:
        pump = asyncio.create_task(source.pump(_nothing))
        while sum(text in note for note in source.status.notes) < times:
            assert not pump.done()
            await asyncio.sleep(0.02)
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)

    asyncio.run(asyncio.wait_for(story(), 40))
    return list(source.status.notes)


def test_a_video_plays_at_its_own_pace_and_is_captured_now(video: Path) -> None:
    found = _frames(_source(str(video)))
    assert 13 <= len(found) <= 16
    spans = [frame.captured_at.timestamp() for _, frame in found]
    assert 2.5 < spans[-1] - spans[0] < 4.5
    assert abs(spans[-1] - time.time()) < 3


def test_a_video_in_a_loop_goes_on(video: Path) -> None:
    assert len(_frames(_source(str(video), loop=True), most=20)) == 20


def test_a_phone_video_stands_upright(video: Path, tmp_path: Path) -> None:
    """Turned a quarter clockwise by the matrix in its track header (ISO/IEC 14496-12 §8.3.2): left becomes top."""
    straight = _pixels(_source(str(video)))
    kept, quarter = (
        struct.pack(">9i", ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30),
        struct.pack(">9i", 0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30),
    )
    data = video.read_bytes()
    at = data.index(kept, data.index(b"tkhd"))
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(data[:at] + quarter + data[at + len(kept) :])
    upright = _pixels(_source(str(turned)))
    assert upright.shape == (320, 240, 3)
    assert np.abs(upright.astype(int) - np.rot90(straight, -1)).mean() < 4


def _pixels(source: ChildSource) -> Rgb:
    picture = _frames(source, most=1)[0][1].picture
    return decode(picture, read_header(picture))


@pytest.mark.parametrize("name", ["text.mp4", "empty.mp4", "sound.mp4"])
def test_a_file_without_pictures_ends_it_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("no video at all" if name == "text.mp4" else "")
    if name == "sound.mp4":
        sound = ["-f", "lavfi", "-i", "sine", "-t", "1"]
        subprocess.run([program("ffmpeg"), "-loglevel", "error", "-y", *sound, str(path)], check=True)
    with pytest.raises(BadInput, match=name):
        _frames(_source(str(path)))


def test_a_damaged_video_gives_what_can_be_decoded(video: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.mp4"
    data = bytearray(video.read_bytes())
    middle = len(data) // 3
    data[middle : middle + 400] = os.urandom(400)
    damaged.write_bytes(data)
    assert len(_frames(_source(str(damaged), realtime=False))) >= 3


def test_an_address_where_nobody_listens_is_tried_for_ever() -> None:
    notes = _notes_until(_source(f"rtsp://guard:s3cret-pw@127.0.0.1:{free_port()}/live"), "source lost", times=3)
    assert any("refused" in note.lower() for note in notes)
    assert "s3cret-pw" not in "".join(notes)


@pytest.fixture
def mute() -> Iterator[str]:
    """A port that accepts every connection and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def test_a_read_that_hangs_is_killed(mute: str) -> None:
    notes = _notes_until(_source(f"rtsp://{mute}/live"), "source lost", times=2)
    assert any("nothing came for 0.8 s; the read was killed" in note for note in notes)
    assert not _children(os.getpid(), "balefire.camera.reader")


def test_a_reading_process_that_dies_is_said_and_started_again(mute: str) -> None:
    source = _source(f"rtsp://{mute}/live", replace(QUICK, read_timeout_s=20))

    async def story() -> None:
        pump = asyncio.create_task(source.pump(_nothing))
        for _ in range(2):
            while not (children := _children(os.getpid(), "balefire.camera.reader")):
                await asyncio.sleep(0.02)
            os.kill(children[0], signal.SIGKILL)
            while Path(f"/proc/{children[0]}").exists():
                await asyncio.sleep(0.02)
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)

    asyncio.run(asyncio.wait_for(story(), 30))
    assert "source lost: the reading process ended: it said nothing" in source.status.notes


async def _nothing(frame: Frame) -> bool:
    raise AssertionError("a frame came")


def test_the_reading_process_ends_when_its_parent_is_killed(mute: str) -> None:
    text = f"""
import asyncio
from balefire.camera.settings import WatchSettings
from balefire.camera.source import parse_source
from balefire.camera.status import Status
from balefire.camera.stream import ChildSource
asyncio.run(ChildSource(parse_source("rtsp://{mute}/live"), WatchSettings(), Status("a", "b", "c")).pump(None))
"""
    parent = subprocess.Popen([sys.executable, "-c", text])
    try:
        _wait(lambda: bool(_children(parent.pid, "balefire.camera.reader")))
        [child] = _children(parent.pid, "balefire.camera.reader")
        time.sleep(1.0)  # until it hangs in the read
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    _wait(lambda: not Path(f"/proc/{child}").exists())


def test_who_reads_a_stream_never_waits_for_a_full_pipe_and_hands_over_the_newest() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as taken, os.fdopen(writing, "wb") as pipe:
        outlet = Newest(pipe)
        for number in range(200):  # more than the pipe holds: were it to wait, it would wait for ever
            outlet.frame(pack({"number": number}, bytes(100_000)))
            outlet.alive()
            if number == 0:
                taken.peek(1)  # the first is on its way
        numbers = [_number(taken) for _ in range(2)]
    assert numbers[0] < numbers[1] == 199


def _number(pipe: IO[bytes]) -> int:
    header, body = lengths(pipe.read(HEAD.size))
    number = json.loads(pipe.read(header))["number"]
    pipe.read(body)
    return int(number)


def _children(parent: int, text: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if int(fields[1]) == parent and text in command:
            found.append(int(path.name))
    return found


def _wait(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
