"""A table of cameras: read, refused by line, and written back without a loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balefire.domain.camera import Camera, Kind, Mount, Position
from balefire.domain.errors import BadInput
from balefire.domain.fleet import read_csv, read_geojson, to_csv, to_geojson

RIDGE = Camera(
    "ridge-3", "Jinyun ridge, mast 3 · 缙云", "01J", Position(106.38, 29.83, 612.0), 120.0, 54.0, Mount.TURNING, Kind.THERMAL,
    ("thermal", "fire"), (((0.0, 0.9), (0.3, 0.9), (0.3, 1.0)),), retired_at=datetime(2026, 3, 1, tzinfo=UTC),
)  # fmt: skip
BARE = Camera("bare", "bare")

numbers = st.floats(0, 90, allow_nan=False)
cameras = st.builds(
    Camera,
    id=st.from_regex(r"[a-z0-9-]{1,63}", fullmatch=True),
    name=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30),
    unit=st.none() | st.from_regex(r"[0-9A-Z]{5}", fullmatch=True),
    position=st.none() | st.builds(Position, numbers, numbers, st.none() | numbers),
    azimuth_deg=st.none() | st.floats(0, 359),
    fov_deg=st.none() | st.floats(1, 360),
    mount=st.sampled_from(Mount),
    kind=st.sampled_from(Kind),
    detectors=st.lists(st.sampled_from(["fire", "waste", "thermal"]), min_size=1, max_size=3, unique=True).map(tuple),
)


@given(st.lists(cameras, max_size=8, unique_by=lambda camera: camera.id))
def test_the_round_trip_loses_nothing(fleet: list[Camera]) -> None:
    for write, read in ((to_csv, read_csv), (to_geojson, read_geojson)):
        assert [row.applied(None) for row in read(write(fleet))] == fleet


def test_every_field_comes_back() -> None:
    assert [row.applied(None) for row in read_csv(to_csv([RIDGE, BARE]))] == [RIDGE, BARE]
    assert [row.applied(None) for row in read_geojson(to_geojson([RIDGE, BARE]))] == [RIDGE, BARE]


def test_what_the_table_has_no_column_for_stays() -> None:
    [row] = read_csv("id,name\nridge-3,Renamed\n")
    assert row.applied(RIDGE) == replace(RIDGE, name="Renamed")
    [row] = read_csv("\ufeffname,id\n,new-1\n")
    assert row.applied(None) == Camera("new-1", "new-1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nx\n", "line 1: no column id"),
        ("id,nam\nx,y\n", "line 1: unknown column 'nam'; did you mean name?"),
        ("id,id\nx,y\n", "line 1: a column stands there twice"),
        ("id\nA b\n", "line 2: a camera's id is 1 to 63"),
        ("id\nx\ny\nx\n", "line 4: camera x stands in line 2 already"),
        ("id,lon,lat\nx,200,3\n", "line 2: lon −180 to 180"),
        ("id,lon,lat\nx,abc,3\n", "line 2: lon 'abc'"),
        ("id,lon\nx,3\n", "line 2: lon '3', lat ''"),
        ("id,azimuth_deg\nx,400\n", "line 2: azimuth_deg: '400' cannot be read"),
        ("id,mount\nx,flying\n", "line 2: mount: 'flying' cannot be read"),
        ("id,retired_at\nx,2026-01-01\n", "line 2: retired_at: '2026-01-01' cannot be read"),
        ('id,privacy_masks\nx,"[[[0,0]]]"\n', "line 2: a mask or zone has at least three corners"),
        ("id,name\nx,y,z\n", "line 2: it has more cells than there are columns"),
        ('id,name\nx,"y\n', "not CSV"),
        ("id\nA\nB\n", "line 2: a camera's id is 1 to 63 of a–z, 0–9 and -, got 'A'; line 3:"),
        ("id\n" + "A\n" * 30, "; and 10 more"),
    ],
)
def test_faults_are_named_by_line(text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_csv(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a GeoJSON FeatureCollection"),
        ("[]", "not a GeoJSON FeatureCollection"),
        ('{"features": [1]}', "line 1: not a feature"),
        ('{"features": [{"properties": {"name": "x"}}]}', "no id"),
        ('{"features": [{"properties": {"id": "x"}, "geometry": {"type": "Polygon", "coordinates": []}}]}', "is a Point"),
    ],
)
def test_geojson_that_holds_no_cameras_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_geojson(text)
    assert said in str(refused.value)
