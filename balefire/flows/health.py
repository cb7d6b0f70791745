"""Silence is an alarm: cameras that stopped sending, and events whose sightings ended without another frame."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from balefire.domain.event import Change
from balefire.domain.policy import Policies
from balefire.flows import wire
from balefire.flows.dispatch import tell_event
from balefire.flows.ports import CameraPulse, Database

FROZEN_S = 60.0
CLOCK_SLACK_S = 5.0


def state_of(pulse: CameraPulse, now: datetime, silent_s: float) -> tuple[str, str, datetime | None]:
    """State, reason and since: `waiting` (never sent), `silent`, `frozen`, `skewed`, or `ok`."""
    if pulse.last_frame_at is None:
        return "waiting", "no frame yet", None
    quiet_s = (now - pulse.last_frame_at).total_seconds()
    if quiet_s > silent_s:
        return "silent", f"no frame for {quiet_s:.0f} s", pulse.last_frame_at
    still_s = (pulse.last_frame_at - (pulse.last_new_at or pulse.last_frame_at)).total_seconds()
    if still_s > FROZEN_S:
        return "frozen", f"the same picture for {still_s:.0f} s", pulse.last_new_at
    if abs(pulse.clock.skew_s) > CLOCK_SLACK_S:
        return "skewed", f"its clock is {pulse.clock.skew_s:+.0f} s off; corrected", None
    return "ok", "", None


def note_silence(database: Database, now: datetime, silent_s: float) -> list[str]:
    """Cameras that fell silent since the last look, each told to the stream once. Returns their ids."""
    with database.read() as work:
        fresh = [p for p in work.cameras.pulses() if p.silent_since is None and state_of(p, now, silent_s)[0] == "silent"]
    told = []
    for seen in fresh:
        with database.begin() as work:
            pulse = work.cameras.lock(seen.camera)
            state, reason, since = state_of(pulse, now, silent_s)
            if state != "silent" or pulse.silent_since is not None:
                continue  # a frame came in between
            work.cameras.save_pulse(replace(pulse, silent_since=now))
            work.changes.add("camera", pulse.camera, json.dumps(wire.health(pulse, state, reason, since)), now)
            told.append(pulse.camera)
    return told


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
