"""Is a camera really watching? What each look at its pictures says, and when that is certain enough to tell people.

A camera is compared with its own past, not with others: with the views that it learnt while it was well, one for each
preset, for day and night, for colour and infrared where it may be night. Views follow the seasons; a fault teaches nothing.
Chosen on healthy and staged footage by python -m training.judge_health --use val.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from balefire.domain.glance import Glance, likeness

LEARNT = 10  # looks after which a view is known
FOLLOW_S = 600.0  # a known view follows what changes slowly
NEWEST, FAULTY, WELL = 6, 5, 4  # a fault begins with 5 of the newest 6 looks, and ends with 4 without one in a row

DARK_LIGHT, DARK_SPREAD = 20.0, 30.0  # no lamp anywhere
SUDDEN = 0.4  # where nobody knows where the sun stands: light that fell to this share of the usual was no nightfall
NIGHT_LIGHT = 50.0  # there, too: darker pictures have a view of their own
BURNT, BURNT_MORE = 0.6, 0.3
FLAT, FLAT_SPREAD = 12.0, 40.0  # without a view to compare with: no structure at all
COVERED = 0.3  # of the usual structure
BLURRED = 0.45  # of the usual detail
TURNED, ERRATIC = 0.6, 4.0  # of the usual likeness, and so many times its usual error below it
TELLING_STRUCTURE, TELLING_LIKENESS = 60.0, 0.45  # below: moving clouds, water, a lawn; nothing by which to tell


class Fault(StrEnum):
    """The worst first."""

    SILENT = "silent"  # no frames
    FROZEN = "frozen"  # one picture for ever
    COVERED = "covered"  # a hand, a bag, paint, dense fog
    DARK = "dark"  # by day
    OVEREXPOSED = "overexposed"  # blown out
    BLURRED = "blurred"  # out of focus, wet, dirty
    TURNED = "turned"  # away from its view
    CONTESTED = "contested"  # two agents send for it at once
    SKEWED = "skewed"  # a wrong clock, which is corrected

    @property
    def blinds(self) -> bool:
        return self not in (Fault.CONTESTED, Fault.SKEWED)


ORDER = {fault: place for place, fault in enumerate(Fault)}
BY_VIEW = frozenset({Fault.COVERED, Fault.BLURRED, Fault.TURNED})
SIGHT = frozenset({Fault.COVERED, Fault.DARK, Fault.OVEREXPOSED, Fault.BLURRED, Fault.TURNED})  # what looks find


@dataclass(frozen=True, slots=True)
class Spell:
    """One span of one fault of one camera; `until` is None while it lasts. `reason`: for people, figures included."""

    id: str
    camera: str
    fault: Fault
    reason: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found; `fault` None: nothing wrong."""

    at: datetime
    fault: Fault | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What a camera usually sees: means over `looks` looks, later ones counting as FOLLOW_S says; `error`: of the likeness."""

    looks: int = 0
    light: float = 0.0
    burnt: float = 0.0
    structure: float = 0.0
    fine: float = 0.0
    likeness: float = 1.0
    error: float = 0.0
    edges: tuple[float, ...] = ()

    @property
    def known(self) -> bool:
        return self.looks >= LEARNT

    def learn(self, seen: Glance, alike: float, pause_s: float) -> View:
        """The view after one more look without a fault. pause_s: seconds since the look before."""
        share = max(1 / (self.looks + 1), min(pause_s / FOLLOW_S, 0.1))

        def mean(usual: float, now: float) -> float:
            return usual + share * (now - usual)

        return View(
            self.looks + 1,
            mean(self.light, seen.light), mean(self.burnt, seen.burnt), mean(self.structure, seen.structure),
            mean(self.fine, seen.fine), mean(self.likeness, alike), mean(self.error, abs(alike - self.likeness)),
            tuple(map(mean, self.edges, seen.edges)) if self.edges else tuple(map(float, seen.edges)),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`night`: None where nobody knows. `twilight`: the sun is about to set or to rise, and it may be dark already.

    `view`: the name of what it looks at, None where that changes all the time.
    """

    night: bool | None = None
    twilight: bool = False
    thermal: bool = False
    view: str | None = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is remembered of a camera's pictures. `light`: the usual one; `findings`: the newest looks, in order."""

    at: datetime | None = None
    light: float | None = None
    findings: tuple[Finding, ...] = ()
    fault: Fault | None = None  # what is certain
    views: Mapping[str, View] = field(default_factory=dict)

    def look(self, seen: Glance, at: datetime, circumstances: Circumstances) -> Sight:
        """After one more look; looks come in order."""
        name = _view_name(seen, circumstances)
        view = self.views.get(name, View()) if name is not None else View()
        alike = likeness(view.edges, seen.edges) if view.edges else 1.0
        finding = judge(seen, view, alike, self.light, circumstances)
        if finding is None or (self.fault in BY_VIEW and finding[0] is None and not view.known):  # it tells nothing
            return replace(self, at=at, light=self._light(seen, at) if self.fault is None else self.light)
        findings = (*self.findings, Finding(at, *finding))[-NEWEST:]
        after = replace(self, at=at, findings=findings, fault=_certain(findings, self.fault))
        if finding[0] is not None or after.fault is not None:
            return after
        after = replace(after, light=self._light(seen, at))
        if name is None:
            return after
        pause_s = (at - self.at).total_seconds() if self.at else 0.0
        return replace(after, views={**self.views, name: view.learn(seen, alike, pause_s)})

    def _light(self, seen: Glance, at: datetime) -> float:
        if self.light is None or self.at is None:
            return seen.light
        return self.light + min((at - self.at).total_seconds() / 120.0, 1.0) * (seen.light - self.light)

    def unjudged(self, seen: Glance, circumstances: Circumstances) -> tuple[Fault, ...]:
        """The faults of sight that pictures like this one do not show, the worst first: what nobody is told of, were it so."""
        if circumstances.thermal:
            blind_to = {Fault.DARK, Fault.OVEREXPOSED}
        elif _lightless(seen):
            blind_to = set(BY_VIEW)
        else:
            blind_to = set[Fault]()
        name = _view_name(seen, circumstances)
        view = self.views.get(name, View()) if name is not None else View()
        if not circumstances.thermal and view.burnt > 1 - BURNT_MORE:
            blind_to.add(Fault.OVEREXPOSED)
        if not view.known or view.structure < FLAT:
            blind_to |= BY_VIEW
        elif view.structure < TELLING_STRUCTURE:
            blind_to |= {Fault.BLURRED, Fault.TURNED}
        elif view.likeness < TELLING_LIKENESS:
            blind_to.add(Fault.TURNED)
        return tuple(fault for fault in Fault if fault in blind_to and fault is not self.fault)

    @property
    def since(self) -> datetime | None:
        """When what is certain began: the first of the newest looks that says so; None where none of them does any more."""
        return next((one.at for one in self.findings if one.fault is self.fault), None)

    @property
    def words(self) -> str:
        return next((one.words for one in reversed(self.findings) if one.fault is self.fault), "")


def judge(
    seen: Glance, view: View, alike: float, light: float | None, circumstances: Circumstances
) -> tuple[Fault | None, str] | None:
    """What one look says; None where it says nothing, as the dark of a night.

    alike: `likeness` of the look and the view; light: what was usual of late.
    """
    if not circumstances.thermal and _lightless(seen):
        at_once = circumstances.night is None or circumstances.twilight  # then nothing but a sudden dark is a fault
        if circumstances.night or (at_once and not _fell(seen.light, light)):
            return None
        return Fault.DARK, f"dark: light {seen.light:.0f} of 255"
    if not circumstances.thermal and seen.burnt >= max(BURNT, view.burnt + BURNT_MORE):
        return Fault.OVEREXPOSED, f"blown out: {seen.burnt:.0%} of the picture is white"
    if not view.known:
        if seen.structure < FLAT and seen.spread < FLAT_SPREAD:
            return Fault.COVERED, "nothing but one flat surface"
        return None, ""
    dimmed = min(seen.light / view.light, 1.0) if view.light else 1.0
    if view.structure >= FLAT and seen.structure < COVERED * dimmed * view.structure:
        return Fault.COVERED, f"its edges are {seen.structure / view.structure:.0%} as plain as usual"
    if view.structure < TELLING_STRUCTURE:
        return None, ""
    if seen.fine < BLURRED * view.fine:
        return Fault.BLURRED, f"fine detail is {seen.fine / view.fine:.0%} of the usual"
    if view.likeness >= TELLING_LIKENESS and alike < min(TURNED * view.likeness, view.likeness - ERRATIC * view.error):
        return Fault.TURNED, f"edges lie elsewhere: likeness {alike:.2f}, usually {view.likeness:.2f}"
    return None, ""


def _lightless(seen: Glance) -> bool:
    return seen.light < DARK_LIGHT and seen.spread < DARK_SPREAD


def _fell(now: float, usual: float | None) -> bool:
    return usual is not None and now < SUDDEN * usual and usual >= DARK_LIGHT


def _view_name(seen: Glance, circumstances: Circumstances) -> str | None:
    if circumstances.view is None:
        return None
    if circumstances.night is False:
        return f"{circumstances.view} day"
    night = circumstances.night or seen.light < NIGHT_LIGHT
    return f"{circumstances.view} {'grey' if seen.grey else 'colour'} {'night' if night else 'day'}"


def _certain(findings: Sequence[Finding], held: Fault | None) -> Fault | None:
    """The fault that holds after these looks. held: the one that held before."""
    if len(findings) >= WELL and all(one.fault is None for one in findings[-WELL:]):
        return None
    named = Counter(one.fault for one in findings if one.fault)
    if named.total() < FAULTY:
        return held
    fault, count = named.most_common(1)[0]
    return fault if count > NEWEST // 2 or held is None else held
