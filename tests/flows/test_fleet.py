"""Importing a fleet into a real database: all of it or nothing, twice as good as once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from balefire.adapters.database import SqlDatabase
from balefire.domain.camera import Camera, Position
from balefire.domain.errors import BadInput
from balefire.domain.fleet import read_csv, to_csv
from balefire.flows.fleet import Imported, import_fleet
from tests.builders import NOON


def anything(_: Camera) -> None:
    return


def test_a_city_is_imported_once_however_often_the_command_runs(database: SqlDatabase) -> None:
    city = [Camera(f"cam-{n:05}", f"Camera {n}", position=Position(106 + n / 1e5, 29.5, None)) for n in range(10_000)]
    assert import_fleet(database, NOON, read_csv(to_csv(city)), anything) == Imported(10_000, 0, 0)
    city[5] = replace(city[5], name="Renamed")
    assert import_fleet(database, NOON, read_csv(to_csv(city)), anything) == Imported(0, 1, 9_999)
    with database.read() as work:
        assert work.cameras.get("cam-00005").name == "Renamed"
        assert work.cameras.pulse("cam-09999").frames == 0


def test_one_fault_and_nothing_is_changed(database: SqlDatabase) -> None:
    import_fleet(database, NOON, read_csv("id,lon,lat\nkept,1,2\n"), anything)

    def refuse(camera: Camera) -> None:
        if camera.id == "third":
            raise BadInput("no detector")

    with pytest.raises(BadInput, match="no detector"):
        import_fleet(database, NOON, read_csv("id,name\nkept,Changed\nsecond,New\nthird,Bad\n"), refuse)
    with database.read() as work:
        assert [camera.id for camera in work.cameras.all()] == ["kept"]
        assert work.cameras.get("kept") == Camera("kept", "kept", position=Position(1, 2))
