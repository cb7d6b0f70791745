"""The load of a bench: keep so many requests in flight for so long, and print answers a second.

    BALEFIRE_KEY=… python -m serving.bench.client FOLDER PORT CONNECTIONS SECONDS PATH

PATH may hold {n}, the connection's number: each one is a camera of its own.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import threading
import time
from pathlib import Path

BOUNDARY = "balefire-bench"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def main(folder: str, port: str, connections: str, seconds: str, path: str) -> None:
    """Pictures are posted as they are; to a path that ends in `#form`, as the multipart field `image`."""
    path, _, form = path.partition("#")
    pictures = [file.read_bytes() for file in sorted(Path(folder).glob("*.jpg"))]
    bodies = [_form(picture) for picture in pictures] if form else pictures
    kind, key = FORM if form else "image/jpeg", os.environ["BALEFIRE_KEY"]
    lines = ("POST {} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {key}", f"Content-Type: {kind}")
    head = "\r\n".join([*lines, "Content-Length: {}", "", ""])
    done = [0] * int(connections)
    started = time.perf_counter()
    end = started + float(seconds)

    def post(index: int) -> None:
        requests = [head.format(path.format(n=index), len(body)).encode() + body for body in bodies]
        with socket.create_connection(("127.0.0.1", int(port)), timeout=30) as connection:
            while time.perf_counter() < end:
                connection.sendall(requests[(done[index] + index) % len(requests)])
                answer = _read(connection)
                if not answer.startswith(b"HTTP/1.1 200 "):
                    print(f"answered {answer[:300]!r}", file=sys.stderr)
                    os._exit(1)
                done[index] += 1

    threads = [threading.Thread(target=post, args=(index,)) for index in range(int(connections))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(done) / (time.perf_counter() - started))


def _read(connection: socket.socket) -> bytes:
    """One answer, head and body. http.client would take a millisecond for it, from the very cores that are measured."""
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += _more(connection)
    length = int(re.search(rb"content-length: (\d+)", answer[:end], re.IGNORECASE)[1])  # type: ignore[index]
    while len(answer) < end + 4 + length:
        answer += _more(connection)
    return answer


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(1 << 16)
    if not part:
        raise ConnectionError("the service hung up")
    return part


def _form(picture: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


if __name__ == "__main__":
    main(*sys.argv[1:])
