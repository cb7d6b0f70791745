"""The load of `serving.bench`: keep so many requests in flight for so long, and print answers a second.

BALEFIRE_KEY=… python -m serving.bench_client FOLDER PORT CONNECTIONS SECONDS
"""

from __future__ import annotations

import http.client
import os
import sys
import threading
import time
from pathlib import Path


def main(folder: str, port: str, connections: str, seconds: str) -> None:
    pictures = [path.read_bytes() for path in sorted(Path(folder).glob("*.jpg"))]
    headers = {"Authorization": f"Bearer {os.environ['BALEFIRE_KEY']}", "Content-Type": "image/jpeg"}
    done = [0] * int(connections)
    started = time.perf_counter()
    end = started + float(seconds)

    def post(index: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
        while time.perf_counter() < end:
            connection.request("POST", "/v1/detect", pictures[(done[index] + index) % len(pictures)], headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.HTTPStatus.OK:
                raise SystemExit(f"answered {answer.status}")
            done[index] += 1

    threads = [threading.Thread(target=post, args=(index,)) for index in range(int(connections))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(done) / (time.perf_counter() - started))


if __name__ == "__main__":
    main(*sys.argv[1:])
