"""The one error tree. Facts are raised inside; HTTP status appears only in `serving/`.

BalefireError
├── BadInput                 the caller sent something that cannot be used
│   ├── NotAnImage           not a picture format that we read
│   ├── BrokenImage          a picture whose pixels cannot be decoded
│   ├── ImageTooLarge        over the pixel limit; the header said so
│   ├── BodyTooLarge         more bytes than the limit
│   ├── NaiveTime            a time without an offset
│   ├── BadBox               a box outside of the picture, or without an area
│   ├── BadLabel             a label file with a fault: file and line
│   └── BadSetting           a settings or recipe key that nobody reads
├── NotFound
│   ├── UnknownCamera · UnknownEvent · UnknownFrame · UnknownUnit · UnknownZone
├── OutOfReach               only somebody of the whole house may do this
├── Conflict                 a name that is already taken, or somebody was faster
├── BundleMismatch           a bundle that is not what it says
├── Busy                     not now; `retry_after_s` says when
│   ├── QueueFull · TooFast
│   └── Replaced             a waiting frame gave way to its camera's newer one
├── StoreFull                no room left for frames
└── SourceLost               a camera stream that ended or hangs
"""

from __future__ import annotations


class BalefireError(Exception):
    """Everything balefire raises on purpose. `code` is stable and documented."""

    code = "error"


class BadInput(BalefireError):
    code = "bad_input"


class NotAnImage(BadInput):
    code = "not_an_image"


class BrokenImage(BadInput):
    code = "broken_image"


class ImageTooLarge(BadInput):
    code = "image_too_large"


class BodyTooLarge(BadInput):
    code = "body_too_large"


class NaiveTime(BadInput):
    code = "naive_time"


class BadBox(BadInput):
    code = "bad_box"


class BadLabel(BadInput):
    code = "bad_label"


class BadSetting(BadInput):
    code = "bad_setting"


class NotFound(BalefireError):
    code = "not_found"


class UnknownCamera(NotFound):
    code = "unknown_camera"


class UnknownEvent(NotFound):
    code = "unknown_event"


class UnknownGroup(NotFound):
    code = "unknown_group"


class UnknownFrame(NotFound):
    code = "unknown_frame"


class UnknownUnit(NotFound):
    code = "unknown_unit"


class UnknownZone(NotFound):
    code = "unknown_zone"


class OutOfReach(BalefireError):
    """Only somebody of the whole house may do this."""

    code = "out_of_reach"


class Conflict(BalefireError):
    code = "conflict"


class BundleMismatch(BalefireError):
    code = "bundle_mismatch"


class Busy(BalefireError):
    """Not now. `retry_after_s`: seconds after which a new try makes sense."""

    code = "busy"

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QueueFull(Busy):
    code = "queue_full"


class TooFast(Busy):
    code = "too_fast"


class Replaced(Busy):
    code = "replaced"


class StoreFull(BalefireError):
    code = "store_full"


class SourceLost(BalefireError):
    code = "source_lost"
