"""The load of a bench: keep so many requests in flight for so long, and print answers a second.

    BALEFIRE_KEY=… python -m serving.bench.client FOLDER PORT CONNECTIONS SECONDS PATH

PATH may hold {n}, the connection's number: each one is a camera of its own.
"""

from __future__ import annotations

import http.client
import os
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
    headers = {"Authorization": f"Bearer {os.environ['BALEFIRE_KEY']}", "Content-Type": FORM if form else "image/jpeg"}
    done = [0] * int(connections)
    started = time.perf_counter()
    end = started + float(seconds)

    def post(index: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
        while time.perf_counter() < end:
            connection.request("POST", path.format(n=index), bodies[(done[index] + index) % len(bodies)], headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != http.HTTPStatus.OK:
                print(f"answered {answer.status}: {said[:200]!r}", file=sys.stderr)
                os._exit(1)
            done[index] += 1

    threads = [threading.Thread(target=post, args=(index,)) for index in range(int(connections))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(done) / (time.perf_counter() - started))


def _form(picture: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


if __name__ == "__main__":
    main(*sys.argv[1:])
