"""What may leave the camera's side: masks, the motion gate, key frames, hours."""

from __future__ import annotations

import asyncio
import tomllib
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from balefire.camera.footage import KeyFrames
from balefire.camera.frame import Frame, Take
from balefire.camera.hours import ActiveHours, WithinHours, parse_span
from balefire.camera.motion import GateSettings, MotionGate
from balefire.camera.sieve import Sieve
from balefire.camera.status import Status
from balefire.vision.headers import read_header
from balefire.vision.image import Rgb, decode, to_jpeg
from tests.needs import datasets

LEFT_HALF = (((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)),)
SHARP = GateSettings(linger_s=0, heartbeat_s=1e9)


def noisy(seed: int, level: int = 90, spread: float = 4) -> Rgb:
    noise = np.random.default_rng(seed).normal(0, spread, (180, 320, 3))
    return np.clip(level + noise, 0, 255).astype(np.uint8)


def test_a_still_and_noisy_picture_is_kept_back_but_for_its_heartbeat() -> None:
    gate = MotionGate(GateSettings(linger_s=0, heartbeat_s=30))
    passed = [second for second in range(300) if gate.passes(noisy(second), second)]
    late = [second for second in passed if second > 60]
    assert len(late) >= 7
    assert {later - earlier for earlier, later in pairwise(late)} == {30}


def test_a_faint_thing_that_stays_and_grows_passes() -> None:
    """Six grey levels, from 3 to 30 pixels of 320 within three minutes: between two pictures there is nothing to see."""
    gate = MotionGate(SHARP)
    for second in range(60):
        gate.passes(noisy(second), second)
    passed = []
    for second in range(60, 240):
        picture, size = noisy(second), 3 + (second - 60) // 7
        picture[60 : 60 + size, 100 : 100 + size] += 6
        passed.append(gate.passes(picture, second))
    assert any(passed[:120])
    assert np.mean(passed[60:]) > 0.8


def test_the_sun_behind_a_cloud_opens_no_gate() -> None:
    gate = MotionGate(SHARP)
    passed = [gate.passes(noisy(second, level=90 + (25 if second > 40 else 0)), second) for second in range(80)]
    assert not any(passed[20:])


def test_a_thin_plume_passes_on_real_towers() -> None:
    """The val sequences of forest towers, a picture a minute, nothing but change itself lets a picture through."""
    folder = datasets() / "videos"
    described = tomllib.loads((folder / "videos.toml").read_text())["video"]
    towers = [one for one in described if one["use"] == "val" and one.get("seconds_per_frame") == 60 and one["hazards"]]
    assert len(towers) >= 3
    for tower in towers:
        gate, found = MotionGate(SHARP), list[bool]()
        with av.open(str(folder / tower["file"])) as container:
            for number, frame in enumerate(container.decode(video=0)):
                passed = gate.passes(frame.to_ndarray(format="rgb24").astype(np.uint8), 60.0 * number)
                if (frame.time or 0) >= tower["starts_s"]:
                    found.append(passed)
        assert any(found[:3]), f"{tower['file']}: the plume's first three minutes stay here"
        assert np.mean(found) > 0.75, tower["file"]


def test_a_mask_covers_before_the_gate_looks() -> None:
    gated = Sieve(LEFT_HALF, SHARP)
    for seed in range(30):
        moving = noisy(seed)
        moving[:, :150] = 255 if seed % 2 else 0
        kept = gated.pixels(moving)
        if kept is not None:
            assert not kept[:, :155].any()
    assert kept is None, "what moves behind a mask opens no gate"


def test_sixteen_bits_stay_sixteen_under_a_mask() -> None:
    deep: NDArray[np.uint16] = np.random.default_rng(0).integers(20_000, 60_000, (48, 64), np.uint16)
    tiff = cv2.imencode(".tiff", deep)[1].tobytes()
    assert Sieve().encoded(tiff, "image/tiff") == (tiff, "image/tiff")
    kept = Sieve(LEFT_HALF).encoded(tiff, "image/tiff")
    assert kept is not None
    back = cv2.imdecode(np.frombuffer(kept[0], np.uint8), cv2.IMREAD_UNCHANGED)
    assert kept[1] == "image/tiff"
    assert back is not None
    assert back.dtype == np.uint16
    assert not back[:, :32].any()
    assert np.array_equal(back[:, 36:], deep[:, 36:])


def test_an_encoded_picture_without_masks_stays_the_bytes_it_is() -> None:
    picture = to_jpeg(noisy(1))
    assert Sieve(gate=SHARP).encoded(picture, "image/jpeg") == (picture, "image/jpeg")
    masked = Sieve(LEFT_HALF).encoded(picture, "image/jpeg")
    assert masked is not None
    assert decode(masked[0], read_header(masked[0]))[:, :140].max() < 30


def wanted(fps: float, keys: list[float], rate: int = 25, seconds: int = 12) -> list[float]:
    """Times of the packets of a stream that are decoded."""
    rule = KeyFrames(fps)
    times = [number / rate for number in range(seconds * rate)]
    return [at for at in times if rule.wanted(any(abs(at - key) < 0.001 for key in keys), at)]


def test_key_frames_alone_are_decoded_where_they_come_often_enough() -> None:
    often = wanted(1.0, [float(second) for second in range(12)])
    assert len([at for at in often if at > 4]) == 7
    assert max(later - earlier for earlier, later in pairwise(often)) <= 1.0
    assert len(wanted(1.0, [0.0, 4.0, 8.0])) == 300, "every four seconds is too seldom for one a second"
    assert len(wanted(5.0, [float(second) for second in range(12)])) == 300


def test_a_stream_whose_key_frames_become_rare_is_decoded_whole_again_from_a_key_frame_on() -> None:
    found = wanted(1.0, [0, 1, 2, 3, 4, 8], seconds=12)
    assert [at for at in found if 4 < at < 8] == []
    assert len([at for at in found if at >= 8]) == 100


@pytest.mark.parametrize(
    ("spans", "at", "holds", "minutes"),
    [
        ([], "2026-06-01T03:00+00:00", True, 24 * 60),
        (["06:00-20:30"], "2026-06-01T05:59:30+08:00", False, 0.5),
        (["06:00-20:30"], "2026-06-01T06:00+08:00", True, 14.5 * 60),
        (["22:00-05:00"], "2026-06-01T23:00+08:00", True, 6 * 60),
        (["22:00-05:00"], "2026-06-01T05:00+08:00", False, 17 * 60),
        (["00:00-24:00"], "2026-06-01T12:00+08:00", True, 24 * 60),
        (["06:00-08:00", "07:00-09:00"], "2026-06-01T06:30+08:00", True, 150),
    ],
)
def test_hours(spans: list[str], at: str, holds: bool, minutes: float) -> None:
    hours, now = ActiveHours(tuple(map(parse_span, spans)), ZoneInfo("Asia/Shanghai")), datetime.fromisoformat(at)
    assert hours.holds(now) is holds
    assert hours.until_change(now) == timedelta(minutes=minutes)


def test_outside_its_hours_a_camera_is_not_even_connected() -> None:
    """The clock is injected: it stands at ten to six until the test sets it to six."""
    status, now = Status("a", "b", "c"), [datetime(2026, 6, 1, 5, 50, tzinfo=UTC)]
    connected = asyncio.Event()

    class Eye:
        async def pump(self, take: Take) -> None:
            connected.set()
            await take(Frame.new(now[0], b"picture"))

    async def take(_: Frame) -> bool:
        return True

    async def story() -> None:
        within = WithinHours(Eye(), ActiveHours((parse_span("06:00-07:00"),), UTC), status, lambda: now[0])
        pump = asyncio.create_task(within.pump(take))
        await asyncio.sleep(0.05)
        assert not connected.is_set()
        assert status.source == "resting"
        pump.cancel()
        now[0] += timedelta(minutes=10)
        await within.pump(take)
        assert connected.is_set()

    asyncio.run(asyncio.wait_for(story(), 20))
