"""Bytes to pixels: what is read, what is refused, and that a header is believed before any pixel is."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st

from balefire.domain.bundle import ThermalRange
from balefire.domain.errors import BadInput, BrokenImage, ImageTooLarge, NotAnImage
from balefire.domain.geometry import inside
from balefire.vision.image import Header, blacken, decode, read_header, to_jpeg
from tests.vision import pictures
from tests.vision.pictures import HEIGHT, WIDTH, encoded, quadrants

GREY16 = np.linspace(20_000, 40_000, WIDTH * HEIGHT).astype(np.uint16).reshape(HEIGHT, WIDTH)
RGBA = np.dstack((quadrants(), np.full((HEIGHT, WIDTH), 90, np.uint8)))
PROGRESSIVE = encoded(quadrants(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
CMYK = simplejpeg.encode_jpeg(
    np.dstack((quadrants(), np.full((HEIGHT, WIDTH), 255, np.uint8))), 95, colorspace="CMYK", colorsubsampling="444"
)
LONG = np.random.default_rng(0).integers(0, 255, (400, 600, 3), dtype=np.uint8)

READ = {
    "jpeg": (pictures.jpeg(), ("jpeg", 8)),
    "jpeg, grey": (
        simplejpeg.encode_jpeg(np.ascontiguousarray(quadrants()[..., :1]), colorspace="GRAY", colorsubsampling="Gray"),
        ("jpeg", 8),
    ),
    "jpeg, cmyk": (CMYK, ("jpeg", 8)),
    "png": (encoded(quadrants(), ".png"), ("png", 8)),
    "png, grey": (encoded(quadrants()[..., 0], ".png"), ("png", 8)),
    "png, alpha": (encoded(RGBA, ".png"), ("png", 8)),
    "png, 16-bit colour": (encoded(quadrants().astype(np.uint16) * 257, ".png"), ("png", 16)),
    "png, thermal": (encoded(GREY16, ".png"), ("png", 16)),
    "png, animated": (pictures.animated_png(), ("png", 8)),
    "webp": (encoded(quadrants(), ".webp"), ("webp", 8)),
    "webp, alpha": (encoded(RGBA, ".webp"), ("webp", 8)),
    "webp, animated": (pictures.animated_webp(), ("webp", 8)),
    "tiff": (encoded(quadrants(), ".tiff"), ("tiff", 8)),
    "tiff, thermal": (encoded(GREY16, ".tiff"), ("tiff", 16)),
}
SHOW_QUADRANTS = ["jpeg", "png", "png, alpha", "png, 16-bit colour", "png, animated", "webp", "webp, animated", "tiff"]

ONE = np.zeros((1, 1), np.uint8)
REFUSED = {
    "empty": (b"", NotAnImage, "empty"),
    "text": (b"this is no picture", NotAnImage, "not a JPEG"),
    "gif": (b"GIF89a" + bytes(40), NotAnImage, "not a JPEG"),
    "html": (b"<html><body>404</body></html>", NotAnImage, "not a JPEG"),
    "jpeg, start only": (b"\xff\xd8\xff", BrokenImage, "cut off"),
    "jpeg, no frame": (b"\xff\xd8\xff\xd9", BrokenImage, "no start of frame"),
    "jpeg, cut in half": (pictures.jpeg(LONG)[: len(pictures.jpeg(LONG)) // 2], BrokenImage, "cannot be decoded"),
    "jpeg, last bytes gone": (pictures.jpeg()[:-10], BrokenImage, "cannot be decoded"),
    "jpeg, cut and closed": (pictures.jpeg(LONG)[:60_000] + b"\xff\xd9", BrokenImage, "premature end"),
    "jpeg, cmyk, cut": (CMYK[:-200], BrokenImage, "cannot be decoded"),
    "jpeg, 65535 x 65535": (pictures.lying_jpeg(65535, 65535), ImageTooLarge, "65535x65535"),
    "jpeg, no height": (pictures.lying_jpeg(WIDTH, 0), BrokenImage, f"{WIDTH}x0"),
    "jpeg, a thousand scans": (pictures.scanned_again(PROGRESSIVE, 1000), BrokenImage, "scans"),
    "jpeg, sequential, a thousand scans": (pictures.scanned_again(pictures.jpeg(), 1000), BrokenImage, "cannot be decoded"),
    "jpeg, scans after rubbish": (pictures.scanned_again(PROGRESSIVE, 1000, b"rubbish"), BrokenImage, "scans"),
    "png, signature only": (b"\x89PNG\r\n\x1a\n", BrokenImage, "IHDR"),
    "png, 65535 x 65535": (pictures.lying_png(65535, 65535), ImageTooLarge, "at most 50000000"),
    "png, cut": (encoded(LONG, ".png")[:5000], BrokenImage, "ends early"),
    "png, claims more rows": (pictures.lying_png(WIDTH, 4000), BrokenImage, "cannot be decoded"),
    "webp, 16383 x 16383": (pictures.lying_webp(16383, 16383), ImageTooLarge, "16383x16383"),
    "webp, cut": (encoded(LONG, ".webp")[:5000], BrokenImage, "cannot be decoded"),
    "tiff, no size": (b"II*\0\x08\0\0\0\0\0", BrokenImage, "how large"),
    "tiff, cut": (encoded(LONG, ".tiff")[-4000:], NotAnImage, "not a JPEG"),
    "tiff, 60000 x 60000": (pictures.tiff(1, ONE, {256: 60_000, 257: 60_000}), ImageTooLarge, "60000x60000"),
    "tiff, small, in a huge tile": (pictures.tiff(1, ONE, {273: (322, 60_000), 278: (323, 60_000)}), ImageTooLarge, "1x1"),
    "tiff, two widths": (pictures.tiff(1, ONE, {259: (256, 60_000)}), BrokenImage, "how large"),
}


@pytest.mark.parametrize("name", READ)
def test_reads(name: str) -> None:
    data, (kind, depth) = READ[name]
    header = read_header(data)
    assert header == Header(kind, WIDTH, HEIGHT, 1, depth)  # type: ignore[arg-type]
    pixels = decode(data, header)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels.dtype == np.uint8
    if name in SHOW_QUADRANTS:
        assert np.abs(pixels.astype(int) - quadrants()).mean() < 6


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str) -> None:
    data, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        decode(data, read_header(data))


def test_a_lying_header_costs_no_memory() -> None:
    tracemalloc.start()
    for data in (pictures.lying_jpeg(65535, 65535), pictures.lying_png(65535, 65535)):
        with pytest.raises(ImageTooLarge):
            read_header(data)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_the_pixel_limit_is_the_callers() -> None:
    read_header(pictures.jpeg(), max_pixels=WIDTH * HEIGHT)
    with pytest.raises(ImageTooLarge, match="at most 1535"):
        read_header(pictures.jpeg(), max_pixels=WIDTH * HEIGHT - 1)


# What a viewer shows for each EXIF orientation of one stored picture.
TURNS = {
    1: lambda rgb: rgb,
    2: np.fliplr,
    3: lambda rgb: np.rot90(rgb, 2),
    4: np.flipud,
    5: lambda rgb: rgb.transpose(1, 0, 2),
    6: lambda rgb: np.rot90(rgb, -1),
    7: lambda rgb: np.rot90(rgb, 2).transpose(1, 0, 2),
    8: lambda rgb: np.rot90(rgb, 1),
}
ROTATED = {
    "jpeg": pictures.jpeg_with_exif,
    "png": pictures.png_with_exif,
    "webp": pictures.webp_with_exif,
    "tiff": lambda turn: pictures.tiff(turn, quadrants()),
}


@pytest.mark.parametrize("kind", ROTATED)
@pytest.mark.parametrize("turn", TURNS)
def test_stands_upright(kind: str, turn: int) -> None:
    data, expected = ROTATED[kind](turn), TURNS[turn](quadrants())  # type: ignore[no-untyped-call]
    header = read_header(data)
    assert (header.height, header.width, header.orientation) == (*expected.shape[:2], turn)
    pixels = decode(data, header)
    assert pixels.shape == expected.shape
    assert np.abs(pixels.astype(int) - expected).mean() < 3


@pytest.mark.parametrize(
    ("orientation", "at_least", "expected"),
    [
        (1, None, (600, 800)),
        (1, (400, 300), (300, 400)),
        (1, (401, 300), (600, 800)),  # 5/8 would be enough, and slower
        (1, (100, 75), (75, 100)),
        (1, (4000, 3000), (600, 800)),
        (6, (300, 400), (400, 300)),  # at_least speaks of the upright picture
        (6, (300, 401), (800, 600)),
        (1, (101, 75), (150, 200)),
    ],
)
def test_decodes_no_more_than_is_needed(orientation: int, at_least: tuple[int, int] | None, expected: tuple[int, int]) -> None:
    data = pictures.jpeg_with_exif(orientation, quadrants(800, 600))
    assert decode(data, read_header(data), at_least=at_least).shape[:2] == expected


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize(
    ("thermal", "first", "last"),
    [
        (None, 0, 255),  # by the picture's own percentiles
        (ThermalRange(20_000, 40_000, "counts"), 0, 255),
        (ThermalRange(0, 40_000, "counts"), 128, 255),
        (ThermalRange(30_000, 100_000, "counts"), 0, 36),
    ],
)
def test_maps_temperatures(suffix: str, thermal: ThermalRange | None, first: int, last: int) -> None:
    data = encoded(GREY16, suffix)
    pixels = decode(data, read_header(data), thermal=thermal)
    assert (pixels[0, 0, 0], pixels[-1, -1, 0]) == (first, last)
    assert (pixels[..., 0] == pixels[..., 2]).all()


def test_a_few_hot_pixels_do_not_darken_the_rest() -> None:
    hot = GREY16.copy()
    hot.flat[-10:] = 65_535  # of 1536
    data = encoded(hot, ".png")
    assert int(decode(data, read_header(data))[HEIGHT // 2, WIDTH // 2, 0]) == pytest.approx(132, abs=4)


def test_a_flat_thermal_picture_is_no_division_by_zero() -> None:
    data = encoded(np.full((8, 8), 30_000, np.uint16), ".png")
    assert decode(data, read_header(data)).max() == 0


def test_a_padded_jpeg_is_whole() -> None:
    data = pictures.jpeg()
    padded = data[:-2] + bytes(64) + data[-2:]  # some cameras fill their frames up
    assert np.abs(decode(padded, read_header(padded)).astype(int) - quadrants()).mean() < 6


def test_masks_blacken_what_they_touch() -> None:
    rgb = np.full((100, 200, 3), 200, np.uint8)
    overlapping = [((0, 0.5), (0.5, 0.5), (0.5, 1), (0, 1)), ((0.25, 0.75), (0.75, 0.75), (0.75, 1), (0.25, 1))]
    masked = blacken(rgb, overlapping)
    assert rgb.min() == 200
    assert masked[50:, :101].max() == 0
    assert masked[75:, 50:150].max() == 0
    assert masked[:48].min() == 200


share = st.floats(0, 1)


@given(st.lists(st.tuples(share, share), min_size=3, max_size=6), st.integers(1, 40), st.integers(1, 40))
def test_no_pixel_in_a_mask_is_left(polygon: list[tuple[float, float]], width: int, height: int) -> None:
    masked = blacken(np.full((height, width, 3), 200, np.uint8), [tuple(polygon)])
    for y, x in zip(*np.nonzero(masked[..., 0]), strict=True):
        assert not inside(((x + 0.5) / width, (y + 0.5) / height), polygon)


def test_jpeg_out_is_jpeg_in() -> None:
    data = to_jpeg(quadrants(), quality=95)
    assert np.abs(decode(data, read_header(data)).astype(int) - quadrants()).mean() < 12  # colours are halved


STARTS = [
    b"",
    b"\xff\xd8\xff",
    b"\xff\xd8\xff\xe1\x00\x20Exif\0\0",
    b"\x89PNG\r\n\x1a\n",
    b"II*\0",
    b"MM\0*",
    b"RIFF\0\0\0\0WEBPVP8X",
]


@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_any_bytes_give_a_header_or_bad_input(start: bytes, rest: bytes) -> None:
    try:
        header = read_header(start + rest)
    except BadInput:
        return
    assert header.width >= 1
    assert header.height >= 1
    assert 1 <= header.orientation <= 8


@given(st.sampled_from([data for data, _ in READ.values()]), st.integers(0), st.binary(min_size=1, max_size=8))
def test_damaged_pictures_are_read_or_refused(data: bytes, at: int, damage: bytes) -> None:
    at %= len(data)
    damaged = data[:at] + damage + data[at + len(damage) :]
    try:
        header = read_header(damaged, max_pixels=1_000_000)
        pixels = decode(damaged, header)
    except BadInput:
        return
    assert pixels.shape == (header.height, header.width, 3)
