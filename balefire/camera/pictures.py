"""A folder of pictures as a camera: in the order of their names, posted as the bytes they are."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from balefire.camera.frame import Frame, Take
from balefire.camera.settings import WatchSettings
from balefire.camera.source import PICTURES
from balefire.camera.status import Status
from balefire.domain.errors import BadInput, NotAnImage
from balefire.vision.headers import sniff


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """`path`: a folder, or one picture. In real time each is captured now; otherwise 1/fps apart, the last one now."""

    path: Path
    settings: WatchSettings
    status: Status
    realtime: bool = True
    loop: bool = False

    async def pump(self, take: Take) -> None:
        """Raises BadInput where there is no picture."""
        paths = [self.path] if self.path.is_file() else pictures_in(self.path)
        every_s, moment = 1 / self.settings.fps, time.monotonic()
        self.status.source_is("live")
        while True:
            begun_at, sent = datetime.now(UTC), 0
            for number, path in enumerate(paths):
                captured_at = begun_at - timedelta(seconds=every_s * (len(paths) - 1 - number))
                if self.realtime:
                    await asyncio.sleep(max(moment - time.monotonic(), 0))
                    captured_at, moment = datetime.now(UTC), max(moment, time.monotonic() - every_s) + every_s
                frame = self._frame(path, captured_at)
                if frame is None:
                    continue
                sent += 1
                if not await take(frame):
                    return None
            if not sent:
                raise BadInput(f"{self.path}: none of its {len(paths)} files is a picture")
            if not self.loop:
                return self.status.source_is("ended")

    def _frame(self, path: Path, captured_at: datetime) -> Frame | None:
        """None, and a note, for a file that only looks like a picture."""
        try:
            data = path.read_bytes()
            return Frame.new(captured_at, data, f"image/{sniff(data)}")
        except (NotAnImage, OSError) as error:
            self.status.notes.append(f"{path.name} is passed over: {error}")
            return None


def pictures_in(folder: Path) -> list[Path]:
    """Sorted by name, numbers by their value: frame2 before frame10. Raises BadInput where there is none."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in PICTURES and path.is_file()]
    if not found:
        raise BadInput(f"{folder}: no pictures in it ({', '.join(sorted(PICTURES))})")
    return sorted(found, key=lambda path: [part.zfill(20) if part.isdigit() else part for part in _parts(path.name)])


def _parts(name: str) -> list[str]:
    return re.split(r"(\d+)", name)
