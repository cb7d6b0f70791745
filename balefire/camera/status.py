"""What a person sees of one watched camera, and the counts that add up."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from balefire.camera.outcome import Answered


@dataclass(slots=True)
class Counts:
    """Frames. Every one that was found in the spool or taken from the source ends in exactly one of the others."""

    found: int = 0  # in the spool when the watch began
    taken: int = 0  # from the source
    sent: int = 0  # acknowledged by the server
    replaced: int = 0  # gave way to a newer one before it was sent
    refused: int = 0  # the server cannot use it: 413, 415, 422
    dropped: int = 0  # lost: the spool was full, or a file's playing was stopped
    waiting: int = 0  # in the spool now
    kept_here: int = 0  # looked at, and not handed on: nothing was seen at the edge; not part of `taken`
    repeated: int = 0  # of those sent: the server had it already

    @property
    def adds_up(self) -> bool:
        """True whenever no frame is in hand, and always at the end."""
        return self.found + self.taken == self.sent + self.replaced + self.refused + self.dropped + self.waiting

    def __str__(self) -> str:
        names = ("sent", "replaced", "refused", "dropped")
        parts = [f"{value} {name}" for name in names if (value := getattr(self, name)) or name == "sent"]
        return ", ".join([*parts, *([f"{self.waiting} waiting in the spool"] if self.waiting else [])])


@dataclass(slots=True)
class Status:
    """`notes` are lines for a person, oldest first; whoever shows them takes them out."""

    camera: str
    shown_source: str
    shown_server: str
    source: str = "connecting"  # connecting, live, lost, ended
    source_detail: str = ""
    server: str = "unknown"  # unknown, answers, busy, away
    server_detail: str = ""
    answer_ms: float | None = None
    last_event: str = ""
    refusal: str = ""
    counts: Counts = field(default_factory=Counts)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=1000))

    def source_is(self, state: str, detail: str = "") -> None:
        if (state, detail) != (self.source, self.source_detail):
            self.notes.append(f"source {state}{': ' * bool(detail)}{detail}")
        self.source, self.source_detail = state, detail

    def server_is(self, state: str, detail: str = "") -> None:
        # The wording of a failure may change from try to try; the line would only repeat itself.
        if state != self.server:
            self.notes.append(f"server {state}{': ' * bool(detail)}{detail}")
        self.server, self.server_detail = state, detail

    def acknowledged(self, answer: Answered) -> None:
        self.counts.sent += 1
        self.counts.repeated += answer.repeated
        self.answer_ms = answer.took_ms
        self.server_is("answers")
        for event in answer.raised:
            self.last_event = event
            self.notes.append(f"event raised: {event}")

    def refused(self, detail: str) -> None:
        """One frame that will never be taken. The same reason is said once."""
        self.counts.refused += 1
        self.server_is("answers")
        if detail != self.refusal:
            self.refusal = detail
            self.notes.append(f"frame refused: {detail}")
