"""Silence and blindness are alarms: a fault of a camera is told once when it begins and once when it ends, like a fire."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ulid import ULID

from balefire.domain.access import Principal
from balefire.domain.camera import Camera, Kind, Mount
from balefire.domain.errors import BadInput
from balefire.domain.event import Change
from balefire.domain.glance import Glance
from balefire.domain.health import ORDER, SIGHT, Circumstances, Fault, Sight, Spell
from balefire.domain.policy import Policies
from balefire.flows import wire
from balefire.flows.access import require_camera
from balefire.flows.audit import record
from balefire.flows.dispatch import tell_camera, tell_event
from balefire.flows.ports import CameraPulse, Database, Sky, Work

FROZEN_S = 60.0
CLOCK_SLACK_S = 5.0
SILENT_INTERVALS = 4  # a camera that sends a frame in two minutes is not silent after one
SLOWEST_S = 600.0  # of a longer gap no more is learnt: an outage is no habit
SAME_FAULT = timedelta(minutes=5)  # a fault that comes back so soon has not ended
MOST_VIEWS = 200  # of one camera

Begun = tuple[datetime, str]  # since when, and words for people


def state_of(pulse: CameraPulse) -> str:
    """`waiting` (never sent), the worst fault that holds, or `ok`."""
    if pulse.last_frame_at is None:
        return "waiting"
    return pulse.faults[0] if pulse.faults else "ok"


def is_due(pulse: CameraPulse, captured_at: datetime, every: timedelta) -> bool:
    """Whether the picture of this frame is to be judged as such. Frames do not come to the millisecond."""
    return pulse.looked_at is None or captured_at - pulse.looked_at >= 0.9 * every


def beat(pulse: CameraPulse, received_at: datetime) -> CameraPulse:
    """Its rate after one more frame."""
    minute = received_at.replace(second=0, microsecond=0)
    if pulse.minute_at is None or minute - pulse.minute_at > timedelta(minutes=1):
        frames, before = 1, 0
    elif minute == pulse.minute_at:
        frames, before = pulse.minute_frames + 1, pulse.minute_before
    else:
        frames, before = 1, pulse.minute_frames
    interval_s = pulse.interval_s
    if pulse.last_frame_at is not None:
        gap_s = min(max((received_at - pulse.last_frame_at).total_seconds(), 0.0), SLOWEST_S)
        interval_s = interval_s + 0.2 * (gap_s - interval_s) if pulse.frames > 1 else gap_s
    return replace(pulse, minute_at=minute, minute_frames=frames, minute_before=before, interval_s=interval_s)


def frames_per_minute(pulse: CameraPulse, now: datetime) -> int:
    """Frames that came in the last whole minute."""
    if pulse.minute_at is None:
        return 0
    ago = now.replace(second=0, microsecond=0) - pulse.minute_at
    return {0: pulse.minute_before, 60: pulse.minute_frames}.get(int(ago.total_seconds()), 0)


def faults_of_stream(pulse: CameraPulse) -> dict[Fault, Begun]:
    """What a frame that just came says of the stream. Raises nothing about silence: it ended."""
    assert pulse.last_frame_at is not None
    found: dict[Fault, Begun] = {}
    new_at = pulse.last_new_at or pulse.last_frame_at
    still_s = (pulse.last_frame_at - new_at).total_seconds()
    if still_s > FROZEN_S:
        found[Fault.FROZEN] = (new_at, f"the same picture for {still_s:.0f} s")
    if pulse.senders.contested(Fault.CONTESTED in pulse.faults):
        rivals = pulse.senders.rivals
        found[Fault.CONTESTED] = (pulse.last_frame_at, f"{len(rivals)} agents send for it at once: {', '.join(rivals)}")
    # Two agents have two clocks: while they take turns, what the newest frame says of the time changes nothing.
    wrong = Fault.SKEWED in pulse.faults if pulse.senders.returns else abs(pulse.clock.skew_s) > CLOCK_SLACK_S
    if wrong:
        found[Fault.SKEWED] = (pulse.last_frame_at, f"its clock is {pulse.clock.skew_s:+.0f} s off; corrected")
    return found


def look(
    work: Work, camera: Camera, glance: Glance, at: datetime, preset: str | None, sky: Sky | None
) -> tuple[dict[Fault, Begun], tuple[Fault, ...]]:
    """Remember what a picture says of the camera. Returns the fault of sight that holds now, where one does, and those that
    such a picture does not show."""
    sight = work.health.sight(camera.id)
    view = {Mount.FIXED: "", Mount.TURNING: preset, Mount.MOVING: None}[camera.mount]
    if len(sight.views) >= MOST_VIEWS:
        view = None
    circumstances = _circumstances(camera, sky, at, view)
    sight = sight.look(glance, at, circumstances)
    work.health.save_sight(camera.id, sight)
    holding = {sight.fault: (sight.since or at, sight.words)} if sight.fault else {}
    return holding, sight.unjudged(glance, circumstances)


def _circumstances(camera: Camera, sky: Sky | None, at: datetime, view: str | None) -> Circumstances:
    if camera.kind is Kind.THERMAL:
        return Circumstances(night=False, thermal=True, view=view)
    if sky is None or camera.position is None:
        return Circumstances(view=view)
    return Circumstances(sky.is_dark(camera.position, at), sky.is_twilight(camera.position, at), view=view)


def settle(work: Work, pulse: CameraPulse, found: Mapping[Fault, Begun], at: datetime) -> CameraPulse:
    """Make `found` the faults that hold: what began and what ended is written, and told to the stream and the outside."""
    for fault in pulse.faults:
        if fault not in found:
            ended = work.health.end(pulse.camera, fault, at)
            if ended:
                _tell(work, ended, "end", at)
    for fault, (since, words) in found.items():
        if fault in pulse.faults:
            continue
        again = work.health.resume(pulse.camera, fault, at - SAME_FAULT)
        spell = again or Spell(str(ULID()), pulse.camera, fault, words, since)
        if again is None:
            work.health.begin(spell)
        _tell(work, spell, "update" if again else "new", at)
    return replace(pulse, faults=tuple(sorted(found, key=ORDER.__getitem__)))


def note_silence(database: Database, now: datetime, silent_s: float) -> list[str]:
    """Cameras that fell silent since the last look, each told once. Returns their ids. Who is retired is not missed."""
    with database.read() as work:
        fresh = [pulse for pulse in work.cameras.pulses(retired=False) if _fell_silent(pulse, now, silent_s)]
        retired = work.cameras.pulses(retired=True, faulty=True)
    told = []
    for seen in fresh:
        with database.begin() as work:
            pulse = work.cameras.lock(seen.camera)
            if not _fell_silent(pulse, now, silent_s):
                continue  # a frame came in between
            assert pulse.last_frame_at is not None
            quiet_s = (now - pulse.last_frame_at).total_seconds()
            held = {fault: (pulse.last_frame_at, "") for fault in pulse.faults}
            held[Fault.SILENT] = (pulse.last_frame_at, f"no frame for {quiet_s:.0f} s")
            work.cameras.save_pulse(settle(work, pulse, held, now))
            told.append(pulse.camera)
    for seen in retired:
        with database.begin() as work:
            work.cameras.save_pulse(settle(work, work.cameras.lock(seen.camera), {}, now))
    return told


def note_gap(work: Work, pulse: CameraPulse, received_at: datetime, silent_s: float) -> None:
    """Write down a silence that nobody noted, since the service itself was away. pulse: before the frame that ended it."""
    if _fell_silent(pulse, received_at, silent_s):
        assert pulse.last_frame_at is not None
        quiet_s = (received_at - pulse.last_frame_at).total_seconds()
        words = f"no frame for {quiet_s:.0f} s"
        work.health.begin(Spell(str(ULID()), pulse.camera, Fault.SILENT, words, pulse.last_frame_at, received_at))


def _fell_silent(pulse: CameraPulse, now: datetime, silent_s: float) -> bool:
    if pulse.last_frame_at is None or Fault.SILENT in pulse.faults:
        return False
    patience_s = max(silent_s, SILENT_INTERVALS * pulse.interval_s)
    return (now - pulse.last_frame_at).total_seconds() > patience_s


def accept_view(database: Database, now: datetime, camera_id: str, by: Principal) -> None:
    """What the camera shows now is how it should be: forget what it usually looked like. Raises UnknownCamera."""
    with database.begin() as work:
        require_camera(work, by, camera_id)
        forget_view(work, camera_id, now)
        record(work, now, by.signature, "camera.view", camera_id)


def forget_view(work: Work, camera_id: str, now: datetime) -> None:
    """Faults of sight end; views are learnt anew."""
    pulse = work.cameras.lock(camera_id)
    work.health.save_sight(camera_id, Sight())
    held = {fault: (now, "") for fault in pulse.faults if fault not in SIGHT}
    work.cameras.save_pulse(settle(work, pulse, held, now))


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """`spells`: those that touch the span asked for, by their beginning."""

    pulse: CameraPulse
    spells: list[Spell]

    def blind_s(self, since: datetime, until: datetime) -> float:
        """Seconds of [since, until] without a watch; spells that overlap count once."""
        seconds, reached = 0.0, since
        for spell in self.spells:
            end = min(spell.until or until, until)
            if spell.fault.blinds and end > reached:
                seconds += (end - max(spell.since, reached)).total_seconds()
                reached = end
        return seconds


def healths(work: Work, pulses: Sequence[CameraPulse], since: datetime, until: datetime) -> list[CameraHealth]:
    """One query for all. Raises BadInput for a span that is none."""
    if until < since:
        raise BadInput("a span ends after it begins")
    spells: dict[str, list[Spell]] = {pulse.camera: [] for pulse in pulses}
    for spell in work.health.between(since, until, list(spells)):
        spells[spell.camera].append(spell)
    return [CameraHealth(pulse, spells[pulse.camera]) for pulse in pulses]


def body(known: CameraHealth, since: datetime, until: datetime) -> wire.Json:
    """As `GET /v1/cameras/{camera}/health` says it: the faults that hold at `until`, and those of the span."""
    holding = [spell for spell in known.spells if spell.since <= until and (spell.until is None or spell.until > until)]
    holding.sort(key=lambda spell: ORDER[spell.fault])
    worst = holding[0] if holding else None
    state = "waiting" if known.pulse.last_frame_at is None else worst.fault if worst else "ok"
    return {
        **wire.pulse(known.pulse, state, frames_per_minute(known.pulse, until)),
        "reason": worst.reason if worst else "no frame yet" if state == "waiting" else "",
        "since": wire.time(worst.since) if worst else None,
        "faults": [wire.spell(spell) for spell in holding],
        "spans": [wire.spell(spell) for spell in known.spells],
        "blind_today_s": round(known.blind_s(since, until), 1),
    }


def close_ended(database: Database, now: datetime, policies: Policies, slack_s: float = 30.0) -> int:
    """Close open events of cameras that send nothing any more. `slack_s`: late frames may still come. Returns how many."""
    closed = 0
    with database.begin() as work:
        for event in work.events.open_before(now - timedelta(seconds=slack_s), limit=200):
            if event.expire(policies.most_patient(event.hazard), now - timedelta(seconds=slack_s)):
                work.events.save(event)
                closed += 1
                if event.raised_at is not None:
                    work.changes.add("event", event.id, wire.change_body(event, Change.CLOSED), now)
                    tell_event(work, event, Change.CLOSED, now)
    return closed


def _tell(work: Work, spell: Spell, kind: str, at: datetime) -> None:
    work.changes.add("camera", spell.camera, json.dumps({"type": kind, **wire.spell(spell)}, ensure_ascii=False), at)
    tell_camera(work, spell, kind, at)
