"""Which kind of source a text is."""

from __future__ import annotations

from pathlib import Path

import pytest

from balefire.camera.source import Source, SourceKind, parse_source
from balefire.domain.errors import BadInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rtsp://cam/live", Source(SourceKind.STREAM, "rtsp://cam/live")),
        ("RTSPS://cam/live", Source(SourceKind.STREAM, "RTSPS://cam/live")),
        ("https://cam/snap.jpg", Source(SourceKind.SNAPSHOT, "https://cam/snap.jpg")),
        ("scene:hillside", Source(SourceKind.SCENE, "hillside")),
        ("scene:street?seed=3&starts_s=7.5", Source(SourceKind.SCENE, "street", 3, 7.5)),
    ],
)
def test_kinds(text: str, expected: Source) -> None:
    assert parse_source(text) == expected


def test_files_are_told_apart(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.JPG"):
        (tmp_path / name).touch()
    assert parse_source(str(tmp_path)).kind == SourceKind.PICTURES
    assert parse_source(str(tmp_path / "a.JPG")).kind == SourceKind.PICTURES
    assert parse_source(str(tmp_path / "a.mp4")).kind == SourceKind.VIDEO


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing-there.mp4", "nothing-there.mp4: no such file or folder"),
        ("ftp://me:s3cret@cam/x", r"ftp://\*\*\*@cam/x: ftp:// is not read"),
        ("rtsp://", "no host"),
        ("scene:", "a scene is scene:NAME"),
        ("scene:hillside?sed=3", "sed is not known"),
        ("scene:hillside?seed=many", "seed is a whole number"),
    ],
)
def test_what_is_no_source_is_said(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_source(text)


def test_a_source_never_shows_its_password() -> None:
    assert "s3cret" not in repr(parse_source("rtsp://me:s3cret@cam/live"))
