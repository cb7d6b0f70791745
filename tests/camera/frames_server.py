"""A fake at the port: a real HTTP server that speaks the frames contract and keeps what it acknowledged in memory."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

KEY = "bf_test_0123456789"


@dataclass(frozen=True)
class Script:
    """How one request is answered instead of well. `drop`: the connection is cut; `keep`: the frame is stored first."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    drop: bool = False
    keep: bool = False
    after_s: float = 0.0


@dataclass
class FramesServer:
    """Starts, stops and starts again on one port. `stored`: Frame-Id → (Captured-At, type, bytes), in order of arrival."""

    port: int = 0
    stored: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    acknowledged: int = 0
    repeated: int = 0
    requests: int = 0
    cameras: set[str] = field(default_factory=lambda: {"ridge-1"})
    by_camera: Counter[str] = field(default_factory=Counter)  # of those stored
    named: set[str] = field(default_factory=set)  # Frame-Ids of those that said who sent them
    script: deque[Script] = field(default_factory=deque)
    always: Script | None = None
    slow: dict[str, float] = field(default_factory=dict)  # camera → seconds before its answer
    late: tuple[datetime, Script] | None = None  # how frames are answered that were captured before then
    events: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> FramesServer:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._http = _Http(("127.0.0.1", self.port), _Handler)
        self._http.frames = self
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self) -> None:
        """As a kill would: every connection is cut."""
        self._http.shutdown()
        self._http.server_close()
        with self._lock:
            for connection in self._open:
                cut(connection)
            self._open.clear()

    def __enter__(self) -> FramesServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    frames: FramesServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that was cut is what the tests want."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def setup(self) -> None:
        super().setup()
        with self.server.frames._lock:
            self.server.frames._open.add(self.connection)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        script = self._next_script()
        time.sleep(script.after_s + self.server.frames.slow.get(self._camera(), 0.0))
        if self.headers["Authorization"] != f"Bearer {KEY}":
            self._problem(401, "the key is wrong", "unauthorised")
        elif self._camera() not in self.server.frames.cameras:
            self._problem(404, "there is no such camera", "unknown_camera")
        elif script.drop:
            if script.keep:
                self._store(body)
            cut(self.connection)
        elif script.body is not None:
            self._answer(script.status, script.body, script.headers)
        elif script.status != 200:
            self._problem(script.status, f"scripted {script.status}", "scripted", script.headers)
        else:
            self._accept(body)

    def _camera(self) -> str:
        """/v1/cameras/ID/frames"""
        return self.path.split("/")[3]

    def _next_script(self) -> Script:
        frames = self.server.frames
        with frames._lock:
            frames.requests += 1
            if frames.late and datetime.fromisoformat(self.headers["Captured-At"]) < frames.late[0]:
                return frames.late[1]
            return frames.script.popleft() if frames.script else frames.always or Script()

    def _accept(self, body: bytes) -> None:
        frames = self.server.frames
        repeated = self._store(body)
        answer = {"frame_id": self.headers["Frame-Id"], "status": "accepted", "detections": [], "events": frames.events}
        with frames._lock:
            frames.acknowledged += 1
        self._answer(200, json.dumps(answer).encode(), {"Frame-Repeated": "true"} if repeated else {})

    def _store(self, body: bytes) -> bool:
        frames, name = self.server.frames, self.headers["Frame-Id"]
        with frames._lock:
            repeated = name in frames.stored
            frames.repeated += repeated
            frames.by_camera[self._camera()] += not repeated
            if self.headers["Camera-Agent"]:
                frames.named.add(name)
            frames.stored.setdefault(name, (self.headers["Captured-At"], self.headers["Content-Type"], body))
        return repeated

    def _problem(self, status: int, detail: str, code: str, headers: dict[str, str] | None = None) -> None:
        body = {"type": "about:blank", "title": "no", "status": status, "detail": detail, "code": code}
        self._answer(status, json.dumps(body).encode(), headers or {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body)), "Content-Type": "application/json"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return
