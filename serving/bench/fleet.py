"""A fleet of cameras, each posting one frame a second on time, in a process of its own; what each frame came to.

BALEFIRE_KEY=… python -m serving.bench.fleet FOLDER PORT CAMERAS SECONDS     # prints one JSON list a frame
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import astuple, dataclass
from pathlib import Path

LANES = 2  # connections of a camera: the next frame leaves while the last one still waits for its answer
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Sent:
    """latency_s: from the moment the frame was due, so that a slow answer is not hidden by what waited behind it.

    status: of HTTP, 0 where none came; said: the frame's status or the refusal's code; retry_after: whether it said when.
    """

    camera: int
    latency_s: float
    status: int
    said: str
    retry_after: bool


def post_for(pictures: list[bytes], port: int, key: str, cameras: int, seconds: float) -> list[Sent]:
    """Load `/v1/cameras/bench-<n>/frames` for so long. Raises SystemExit where the load itself fails."""
    with tempfile.TemporaryDirectory() as folder:
        for number, picture in enumerate(pictures):
            (Path(folder) / f"{number:02}.jpg").write_bytes(picture)
        order = [sys.executable, "-m", "serving.bench.fleet", folder, str(port), str(cameras), str(seconds)]
        done = subprocess.run(order, env={**os.environ, "BALEFIRE_KEY": key}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"the load failed: {done.stderr[-500:]}")
    return [Sent(*json.loads(line)) for line in done.stdout.splitlines()]


def main(folder: str, port: str, cameras: str, seconds: str) -> None:
    pictures = [file.read_bytes() for file in sorted(Path(folder).glob("*.jpg"))]
    sent: list[Sent] = []
    started = time.monotonic() + 0.5

    def lane(camera: int, first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=TIMEOUT_S)
        for number in range(first, int(float(seconds)), LANES):
            due = started + number + camera / int(cameras)  # a fleet is not in step
            time.sleep(max(0.0, due - time.monotonic()))
            sent.append(_post(connection, camera, pictures[(number + camera) % len(pictures)], due))

    threads = [threading.Thread(target=lane, args=(camera, first)) for camera in range(int(cameras)) for first in range(LANES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in sent:
        print(json.dumps(astuple(one)))


def _post(connection: http.client.HTTPConnection, camera: int, picture: bytes, due: float) -> Sent:
    headers = {"Authorization": f"Bearer {os.environ['BALEFIRE_KEY']}", "Content-Type": "image/jpeg"}
    try:
        connection.request("POST", f"/v1/cameras/bench-{camera}/frames", picture, headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.close()
        return Sent(camera, time.monotonic() - due, 0, type(error).__name__, False)
    said = str(body.get("status" if answer.status == http.HTTPStatus.OK else "code", ""))
    return Sent(camera, time.monotonic() - due, answer.status, said, answer.headers.get("Retry-After") is not None)


if __name__ == "__main__":
    main(*sys.argv[1:])
