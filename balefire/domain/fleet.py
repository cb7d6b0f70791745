"""A city's cameras from a table: CSV or GeoJSON text to what each row says, with the line of every fault."""

from __future__ import annotations

import csv
import difflib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from balefire.domain.camera import Camera, Kind, Mount, Position, Tiles
from balefire.domain.errors import BadInput
from balefire.domain.geometry import Polygon

COLUMNS = (
    "id", "name", "unit", "lon", "lat", "alt_m", "azimuth_deg", "fov_deg", "mount", "kind", "detectors", "privacy_masks",
    "retired_at", "tiles",
)  # fmt: skip
MOST_FAULTS = 20  # named; a table that is wrong throughout needs no more


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One row: the camera's id, and what it says of it. What the table has no column for stays as it is."""

    line: int
    camera: str
    says: Mapping[str, object]

    def applied(self, known: Camera | None) -> Camera:
        """Raises BadInput with the line."""
        try:
            known = known or Camera(self.camera, self.camera)
            return replace(known, **self.says)  # type: ignore[arg-type]
        except BadInput as error:
            raise BadInput(f"line {self.line}: {error}") from error


def read_csv(text: str) -> list[FleetRow]:
    """Columns by name, in any order; an empty cell clears what may be empty. Raises BadInput that names each faulty line."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        _check_columns(reader.fieldnames or ())
        return _rows((reader.line_num, row) for row in reader)
    except csv.Error as error:
        raise BadInput(f"line {reader.line_num}: not CSV: {error}") from error


def read_geojson(text: str) -> list[FleetRow]:
    """A FeatureCollection of points (RFC 7946), the columns as properties; "line" is the feature's number, from 1."""
    try:
        features = json.loads(text)["features"]
        if not isinstance(features, list):
            raise TypeError
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput("not a GeoJSON FeatureCollection") from error
    return _rows((number, _properties(number, feature)) for number, feature in enumerate(features, start=1))


def to_csv(cameras: Iterable[Camera]) -> str:
    """What `read_csv` reads back without a loss, but for ignore zones, which people decide on one by one."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_cells(camera) for camera in cameras)
    return out.getvalue()


def to_geojson(cameras: Iterable[Camera]) -> str:
    """RFC 7946, WGS84, lon lat; a camera without a position has a null geometry."""
    features = []
    for camera in cameras:
        cells = {name: value for name, value in _cells(camera).items() if name not in ("lon", "lat", "alt_m")}
        place = camera.position
        point = None
        if place:
            height = [] if place.alt_m is None else [place.alt_m]
            point = {"type": "Point", "coordinates": [place.lon, place.lat, *height]}
        features.append({"type": "Feature", "geometry": point, "properties": cells})
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1)


def _check_columns(names: Sequence[str]) -> None:
    for name in names:
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0.5)
            raise BadInput(f"line 1: unknown column {name!r}{f'; did you mean {near[0]}?' if near else ''}")
    if "id" not in names:
        raise BadInput(f"line 1: no column id; there may be {', '.join(COLUMNS)}")
    if len(set(names)) < len(names):
        raise BadInput("line 1: a column stands there twice")


def _properties(number: int, feature: object) -> dict[str, object]:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise BadInput(f"line {number}: not a feature with properties")
    cells: dict[str, object] = dict(feature["properties"])
    point = feature.get("geometry")
    if point is not None:
        place = point.get("coordinates") if isinstance(point, dict) and point.get("type") == "Point" else None
        if not isinstance(place, list) or not 2 <= len(place) <= 3:
            raise BadInput(f"line {number}: a camera is a Point")
        cells |= dict(zip(("lon", "lat", "alt_m"), place, strict=False))
    _check_columns([*cells, *([] if "id" in cells else ["no id"])])
    return cells


def _rows(raw: Iterator[tuple[int, Mapping[str, object]]]) -> list[FleetRow]:
    rows, faults, lines = list[FleetRow](), list[str](), dict[str, int]()
    for line, cells in raw:
        try:
            row = _row(line, cells)
            if row.camera in lines:
                raise BadInput(f"camera {row.camera} stands in line {lines[row.camera]} already")
            lines[row.camera] = line
            rows.append(row)
        except BadInput as error:
            faults.append(f"line {line}: {error}")
    if faults:
        more = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise BadInput("; ".join(faults[:MOST_FAULTS]) + more)
    return rows


def _row(line: int, cells: Mapping[str, object]) -> FleetRow:
    if None in cells:
        raise BadInput("it has more cells than there are columns")
    texts = {name: _text(value) for name, value in cells.items()}
    says: dict[str, object] = {}
    for name, read in READERS.items():
        if name in texts:
            try:
                says[name] = read(texts[name])
            except (ValueError, TypeError, KeyError) as error:
                raise BadInput(f"{name}: {texts[name]!r} cannot be read") from error
    if "lon" in texts or "lat" in texts:
        says["position"] = _position(texts)
    identity = texts["id"]
    Camera(identity, identity, **{key: value for key, value in says.items() if key != "name"})  # type: ignore[arg-type]
    if not says.get("name", identity):
        says["name"] = identity
    return FleetRow(line, identity, says)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, dict)):
        return json.dumps(value)
    return str(value).strip()


def _position(texts: Mapping[str, str]) -> Position | None:
    lon, lat, alt = (texts.get(name, "") for name in ("lon", "lat", "alt_m"))
    if not lon and not lat:
        return None
    try:
        return Position(float(lon), float(lat), float(alt) if alt else None)
    except ValueError as error:
        raise BadInput(f"lon {lon!r}, lat {lat!r}, alt_m {alt!r} are no position") from error


def _number(low: float, high: float) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        if not text:
            return None
        value = float(text)
        if not low <= value <= high:
            raise ValueError
        return value

    return read


def _names(text: str) -> tuple[str, ...]:
    """`fire;waste`, or a JSON list."""
    found = json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(";")]
    names = tuple(str(name) for name in found if name)
    if not names:
        raise ValueError
    return names


def _masks(text: str) -> tuple[Polygon, ...]:
    return tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in (json.loads(text) if text else []))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment


READERS: Mapping[str, Callable[[str], object]] = {
    "name": str,
    "unit": lambda text: text or None,
    "azimuth_deg": _number(0, 359.999999),
    "fov_deg": _number(0.000001, 360),
    "mount": lambda text: Mount(text or "fixed"),
    "kind": lambda text: Kind(text or "visible"),
    "tiles": lambda text: Tiles(text or "off"),
    "detectors": lambda text: _names(text or "fire"),
    "privacy_masks": _masks,
    "retired_at": _moment,
}


def _cells(camera: Camera) -> dict[str, object]:
    place = camera.position
    return {
        "id": camera.id, "name": camera.name, "unit": camera.unit or "",
        "lon": place.lon if place else "", "lat": place.lat if place else "",
        "alt_m": "" if place is None or place.alt_m is None else place.alt_m,
        "azimuth_deg": "" if camera.azimuth_deg is None else camera.azimuth_deg,
        "fov_deg": "" if camera.fov_deg is None else camera.fov_deg,
        "mount": str(camera.mount), "kind": str(camera.kind), "detectors": ";".join(camera.detectors),
        "tiles": str(camera.tiles),
        "privacy_masks": json.dumps(camera.privacy_masks) if camera.privacy_masks else "",
        "retired_at": camera.retired_at.isoformat() if camera.retired_at else "",
    }  # fmt: skip
