"""A zip that leaves while it is made: memory holds one file of it, however many there are."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator

PACKED = (".jpg", ".mp4")  # packing them again gains nothing


class _Out:
    """Takes what the zip writes until it is fetched. Not seekable, so the zip never goes back to what has left."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def write(self, data: bytes) -> int:
        self.waiting += data
        return len(data)

    def flush(self) -> None: ...

    def fetch(self) -> bytes:
        data, self.waiting = bytes(self.waiting), bytearray()
        return data


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """`files`: paths in the zip, and what they hold."""
    out = _Out()
    with zipfile.ZipFile(out, "w") as archive:  # type: ignore[call-overload]
        for path, data in files:
            kind = zipfile.ZIP_STORED if path.endswith(PACKED) else zipfile.ZIP_DEFLATED
            archive.writestr(path, data, kind)
            yield out.fetch()
    yield out.fetch()
