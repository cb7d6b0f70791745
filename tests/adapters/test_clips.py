"""Clips are decoded again: size, pace and brightness are those of the pictures."""

from __future__ import annotations

import io

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from balefire.adapters.clips import mp4
from balefire.domain.errors import BadInput
from tests.builders import at


def jpeg(width: int, height: int, grey: int) -> bytes:
    return cv2.imencode(".jpg", np.full((height, width, 3), grey, np.uint8))[1].tobytes()


def played(clip: bytes) -> tuple[list[float], list[NDArray[np.uint8]], float]:
    """Times in seconds, pictures as (height, width) grey, and the length in seconds."""
    with av.open(io.BytesIO(clip), "r") as container:
        assert container.duration is not None
        frames = list(container.decode(video=0))
        return [frame.time or 0.0 for frame in frames], [_grey(frame) for frame in frames], container.duration / 1e6


def _grey(frame: av.VideoFrame) -> NDArray[np.uint8]:
    return np.asarray(frame.to_ndarray(format="gray"), np.uint8)


def test_a_clip_keeps_the_pace_of_its_pictures() -> None:
    times, _, length_s = played(mp4([(jpeg(640, 360, 90), at(second)) for second in (0, 0.5, 3, 3, 10)]))
    assert times == pytest.approx([0, 0.5, 3, 3.001, 10, 11], abs=0.002)  # two at once: one after the other
    assert length_s == pytest.approx(11, abs=0.1)


def test_a_browser_finds_the_index_before_the_pictures() -> None:
    clip = mp4([(jpeg(64, 64, 90), at(0))])
    assert 0 < clip.find(b"moov") < clip.find(b"mdat")
    with av.open(io.BytesIO(clip)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")


@pytest.mark.parametrize("grey", [20, 128, 240])
def test_brightness_stays(grey: int) -> None:
    _, pictures, _ = played(mp4([(jpeg(320, 240, grey), at(0))]))
    assert abs(float(pictures[0].mean()) - grey) < 3


def test_other_sizes_are_fitted_between_black_bars() -> None:
    _, pictures, _ = played(mp4([(jpeg(641, 361, 50), at(0)), (jpeg(300, 300, 250), at(1)), (jpeg(640, 90, 250), at(2))]))
    assert {picture.shape for picture in pictures} == {(360, 640)}
    square, wide = pictures[1], pictures[2]
    assert square[180, 10] < 20
    assert square[180, 630] < 20
    assert square[5, 320] > 230
    assert wide[10, 320] < 20
    assert wide[180, 5] > 230


def test_no_pictures_no_clip() -> None:
    with pytest.raises(BadInput):
        mp4([])
