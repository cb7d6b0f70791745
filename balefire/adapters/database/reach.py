"""What a principal reaches, as a condition within one query: no row costs a query of its own."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, or_, select, true

from balefire.adapters.database.tables import cameras, keys, units, users
from balefire.domain.access import Reach


def units_below(unit: str) -> Select[tuple[str]]:
    """The ids of this unit and all below it. UNION, so that even a loop would end."""
    below = select(units.c.id).where(units.c.id == unit).cte(recursive=True)
    below = below.union(select(units.c.id).join(below, units.c.parent == below.c.id))
    return select(below.c.id)


def reaches_camera(camera: ColumnElement[str], within: Reach) -> ColumnElement[bool]:
    """Whether the camera that this column names is one of theirs."""
    wanted: list[ColumnElement[bool]] = [true()]
    if within.camera is not None:
        wanted.append(camera == within.camera)
    if within.unit is not None:
        wanted.append(camera.in_(_cameras_below(within.unit)))
    return and_(*wanted)


def reaches_unit(unit: ColumnElement[str], within: Reach) -> ColumnElement[bool]:
    """Whether the unit that this column names is theirs. Whoever has one camera only has no unit."""
    if within.camera is not None:
        return ~true()
    return true() if within.unit is None else unit.in_(units_below(within.unit))


def reaches_key(within: Reach) -> ColumnElement[bool]:
    """A key belongs to the unit or to the camera that it is narrowed to; one of the whole house to the whole house."""
    if within.everywhere:
        return true()
    return or_(reaches_unit(keys.c.unit, within), and_(keys.c.camera.is_not(None), reaches_camera(keys.c.camera, within)))


def reaches_user(within: Reach) -> ColumnElement[bool]:
    return reaches_unit(users.c.unit, within)


def _cameras_below(unit: str) -> Select[tuple[str]]:
    return select(cameras.c.id).where(cameras.c.unit.in_(units_below(unit)))
