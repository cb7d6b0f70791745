"""Four mixed sources, one agent, and a server that is restarted three times: does the count of every frame add up?

    python -m serving.bench.agent CONFIG SPOOLS OUT     # the agent itself; at SIGINT it writes its counts

Sources: RTSP, HTTP snapshots, a video file that loops, a rendered scene; a frame a second each.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from balefire.adapters.database import open_database
from balefire.camera.agent import Agent
from balefire.camera.config import read_config
from balefire.vision.image import to_jpeg
from balefire.vision.scenes import scene
from serving.bench.report import Row, console
from serving.bench.service import Service, running
from serving.bench.streams import film, rtsp

CAMERAS = ("rtsp", "snapshot", "video", "scene")
SHORT_S, LONG_S = 5.0, 45.0  # the server is away


def run(minutes: float) -> dict[str, Row]:
    """Stop it in order, kill it, kill it for long; a quarter of the time between each."""
    with tempfile.TemporaryDirectory(prefix="balefire-bench-") as name:
        folder = Path(name)
        with (
            _snapshots() as snapshots,
            rtsp(film(folder, minutes * 60 + 120)) as port,
            running(detectors="fire") as service,
        ):
            config, out = _config(folder, service, port, snapshots), folder / "counts.json"
            order = [sys.executable, "-m", "serving.bench.agent", str(config), str(folder / "spools"), str(out)]
            agent = subprocess.Popen(order, env={**os.environ, "BALEFIRE_KEY": service.key})
            for stop, away_s in ((service.stop, SHORT_S), (service.kill, SHORT_S), (service.kill, LONG_S)):
                time.sleep(minutes * 60 / 4)
                stop()
                time.sleep(away_s)
                service.start()
                console.print(f"the server was away for {away_s:g} s ({stop.__name__})")
            time.sleep(minutes * 60 / 4)
            agent.send_signal(signal.SIGINT)
            agent.wait(timeout=120)
            counts = json.loads(out.read_text())
            stored = {camera: _stored(service, camera) for camera in CAMERAS}
            spooled = {camera: {file.stem for file in (folder / "spools" / camera).glob("*.frame")} for camera in CAMERAS}
    return _rows(counts, stored, spooled, minutes)


def _rows(counts: dict[str, Any], stored: dict[str, list[str]], spooled: dict[str, set[str]], minutes: float) -> dict[str, Row]:
    """A frame whose answer was lost may be stored and in the spool as well: it is sent again, under the same id."""
    for camera, one in counts.items():
        console.print(f"{camera}: {one}, stored {len(stored[camera])}")
    total = {name: sum(one[name] for one in counts.values()) for name in next(iter(counts.values()))}
    ends = ("sent", "replaced", "refused", "dropped", "waiting")
    rows, waiting = sum(map(len, stored.values())), [id for camera in CAMERAS for id in spooled[camera]]
    both = sum(id in spooled[camera] for camera in CAMERAS for id in stored[camera])
    return {
        "agent_frames": Row(total["taken"], f"frames taken in {minutes:g} minutes, three restarts of the server"),
        "agent_unaccounted": Row(total["found"] + total["taken"] - sum(total[name] for name in ends), "without an end", "<= 0"),
        "agent_spooled": Row(total["waiting"], f"wait in the spool at the end; {len(waiting)} files there"),
        "agent_dropped": Row(total["dropped"] + total["refused"], "dropped or refused", "<= 0"),
        "agent_replaced": Row(total["replaced"], "gave way to a newer one before they were sent"),
        "agent_stored": Row(rows, f"rows of the service; {total['sent']} sent, {both} stored whose answer was lost"),
        "agent_difference": Row(abs(rows - total["sent"] - both), "between rows and frames sent", "<= 0"),
        "agent_doubled": Row(rows - sum(len(set(ids)) for ids in stored.values()), "rows of one frame more than once", "<= 0"),
    }  # fmt: skip


def _config(folder: Path, service: Service, port: int, snapshots: int) -> Path:
    sources = {
        "rtsp": f"rtsp://127.0.0.1:{port}/live", "snapshot": f"http://127.0.0.1:{snapshots}/now.jpg",
        "video": str(folder / "once.mp4"), "scene": "scene:hillside",
    }  # fmt: skip
    lines = [f'server = "http://127.0.0.1:{service.port}"', "[defaults]", "fps = 1.0"]
    for camera, source in sources.items():
        service.add_camera(camera, detectors=["fire"])
        lines += ["[[cameras]]", f'id = "{camera}"', f'source = "{source}"', *(["loop = true"] if camera == "video" else [])]
    config = folder / "cameras.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config


def _stored(service: Service, camera: str) -> list[str]:
    """Ids of the frames of which the service has a row."""
    database, now = open_database(f"sqlite:///{service.state / 'balefire.sqlite'}"), datetime.now(UTC)
    try:
        with database.read() as work:
            rows = work.frames.between(camera, now - timedelta(days=1), now + timedelta(days=1), None, 10**6)
    finally:
        database.close()
    return [row.frame_id for row in rows]


@contextmanager
def _snapshots() -> Iterator[int]:
    """A camera that answers its newest picture, another one each second."""
    street = scene("street", seed=4, starts_s=1e6)
    pictures = [to_jpeg(street.frame(float(second))) for second in range(60)]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            picture = pictures[int(time.monotonic()) % len(pictures)]
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def main(config: str, spools: str, out: str) -> None:
    statuses = Agent(read_config(Path(config), key=os.environ["BALEFIRE_KEY"]), Path(spools)).run()
    Path(out).write_text(json.dumps({status.camera: asdict(status.counts) for status in statuses}))


if __name__ == "__main__":
    main(*sys.argv[1:])
