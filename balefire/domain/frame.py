"""One picture of one camera, as it is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from balefire.domain.camera import Pose
from balefire.domain.detection import Detection


class FrameStatus(StrEnum):
    ACCEPTED = "accepted"
    LATE = "late"  # used by its own time
    FROZEN = "frozen"  # the same picture as before: no evidence
    SKIPPED = "skipped"


class Keep(StrEnum):
    """Why a frame's picture is kept."""

    RING = "ring"  # for seconds only, in case something is seen next
    EVENT = "event"  # saw something, or stood just before
    REFERENCE = "reference"  # one a camera and hour


@dataclass(frozen=True, slots=True)
class Frame:
    """`id` is ours (a ULID), `frame_id` the camera's, unique per camera. Times are UTC-aware.

    `captured_at` is corrected by the camera's clock offset. `answer` is the JSON that was answered, for the same
    question asked twice. `picture` is the key in the frame store, None once the picture is gone. `preset`: where a turning
    camera looked.
    """

    id: str
    frame_id: str
    camera: str
    captured_at: datetime
    received_at: datetime
    status: FrameStatus
    answer: str
    width: int = 0
    height: int = 0
    reason: str = ""
    picture: str | None = None
    picture_sha256: str = ""
    keep: Keep | None = None
    first_of_minute: bool = False
    detections: tuple[Detection, ...] = ()
    preset: str | None = None
    pose: Pose | None = None  # of a turning or flying camera
