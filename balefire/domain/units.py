"""Units: a centre or agency in a tree. City hub → districts → townships, and the agencies beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from balefire.domain.errors import BadInput

CODE = re.compile(r"[a-z0-9-]{1,63}")


class UnitKind(StrEnum):
    HUB = "hub"
    DISTRICT = "district"
    TOWNSHIP = "township"
    FIRE_BRIGADE = "fire_brigade"
    FORESTRY = "forestry"
    CITY_MANAGEMENT = "city_management"
    AGENCY = "agency"  # any other


@dataclass(frozen=True, slots=True)
class Unit:
    """`id` is a ULID; `code` a slug that people choose, an administrative division code say; `parent` an id.

    Only a hub stands without a parent, and a hub has none. Raises BadInput.
    """

    id: str
    code: str
    name: str
    kind: UnitKind
    parent: str | None = None

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.code):
            raise BadInput(f"a unit's code is 1 to 63 of a–z, 0–9 and -, got {self.code[:80]!r}")
        if not self.name.strip() or len(self.name) > 200:
            raise BadInput(f"a unit's name has 1 to 200 characters, got {self.name[:80]!r}")
        if self.kind is UnitKind.HUB and self.parent is not None:
            raise BadInput(f"unit {self.code}: a hub has no parent")
        if self.kind is not UnitKind.HUB and self.parent is None:
            raise BadInput(f"unit {self.code}: only a hub has no parent")


def find_loop(parents: Mapping[str, str | None]) -> list[str]:
    """parents: name → parent's name, or None. A chain that leads back to its start, the start named twice; [] without one."""
    ends: set[str] = set()  # from these the chain leads to a unit without a parent
    for start in parents:
        chain: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in ends:
            if at in chain:
                names = list(chain)
                return [*names[names.index(at) :], at]
            chain[at] = None
            at = parents.get(at)
        ends.update(chain)
    return []


def in_tree_order(units: Iterable[Unit]) -> Iterator[tuple[int, Unit]]:
    """Depth (0 at the top) and unit, each below its parent, by code. Without its parent one stands at the top."""
    known = {unit.id: unit for unit in units}
    below: dict[str | None, list[Unit]] = {}
    for unit in sorted(known.values(), key=lambda unit: unit.code):
        below.setdefault(unit.parent if unit.parent in known else None, []).append(unit)
    waiting = [(0, unit) for unit in reversed(below.get(None, ()))]
    while waiting:
        depth, unit = waiting.pop()
        yield depth, unit
        waiting += [(depth + 1, child) for child in reversed(below.get(unit.id, ()))]


def parents_first(codes: Sequence[str], parents: Mapping[str, str | None]) -> list[str]:
    """`codes` ordered so that each stands after its parent. `parents` holds no loop."""
    wanted, placed = set(codes), dict[str, None]()
    for code in codes:
        chain: list[str] = []
        at: str | None = code
        while at is not None and at in wanted and at not in placed:
            chain.append(at)
            at = parents.get(at)
        placed.update(dict.fromkeys(reversed(chain)))
    return list(placed)
