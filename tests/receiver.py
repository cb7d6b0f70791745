"""A real HTTP receiver of webhooks: accepts each Balefire-Event-Id once, and may be stopped and started on one port."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

SECRET = "a secret of the tests 0123456789"


@dataclass
class Receiver:
    """`accepted`: id → body, in order; `tries`: every id that came; `answers`: how the next ones are answered, else 204."""

    port: int = 0
    accepted: dict[str, dict[str, Any]] = field(default_factory=dict)
    tries: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    certificate: str = ""  # a PEM file with its key: speaks TLS
    hold: threading.Event | None = None  # accepted, and the answer waits for this
    came: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=in-the-address"

    def start(self) -> Receiver:
        self._http = _Http(("127.0.0.1", self.port), _Handler)
        self._http.receiver = self
        self.port = self._http.server_address[1]
        if self.certificate:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(self.certificate)
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def wait_for(self, count: int, timeout_s: float = 60) -> None:
        """Until so many were tried."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.tries) >= count, timeout_s), f"{len(self.tries)} of {count} came"

    def __enter__(self) -> Receiver:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    receiver: Receiver

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that was killed is what a test wants."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self.headers.get("Balefire-Event-Id", "")
        with receiver.came:
            status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
            if not signed(self.headers.get("Balefire-Signature", ""), body):
                status = 401
            if status < 300:
                receiver.accepted.setdefault(name, json.loads(body))
            receiver.tries.append(name)
            receiver.headers.append(dict(self.headers))
            receiver.came.notify_all()
        if receiver.hold is not None:
            receiver.hold.wait(30)
        self._answer(status, headers)

    def do_GET(self) -> None:
        receiver = self.server.receiver
        with receiver.came:
            receiver.tries.append(self.path)
            receiver.came.notify_all()
        self._answer(200, {})

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


def signed(header: str, body: bytes, secret: str = SECRET) -> bool:
    """What a receiver does, as the contract says it."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    expected = hmac.new(secret.encode(), f"{parts.get('t', '')}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts.get("v1", ""))
