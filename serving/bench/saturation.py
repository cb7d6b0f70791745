"""How many frames a second a service answers when it is always asked for the next one."""

from __future__ import annotations

import contextlib
import http
import threading
import time

from serving.bench.service import Service

LANES = 4
WARM_S = 5.0
SECONDS = 20.0


def frames_a_second(service: Service, pictures: list[bytes], seconds: float = SECONDS) -> float:
    """Of `LANES` cameras (`full-<n>`, added here) that post without a pause. Only frames that were looked at count."""
    done: list[float] = []
    began = time.monotonic()
    key = service.key

    def lane(number: int) -> None:
        count = number
        with contextlib.closing(service.connect()) as connection:
            while time.monotonic() < began + WARM_S + seconds:
                headers = {"Authorization": f"Bearer {key}", "Content-Type": "image/jpeg"}
                connection.request("POST", f"/v1/cameras/full-{number}/frames", pictures[count % len(pictures)], headers)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status == http.HTTPStatus.OK and b'"skipped"' not in body:
                    done.append(time.monotonic())
                count += 1

    for number in range(LANES):
        service.add_camera(f"full-{number}", detectors=["fire"])
    lanes = [threading.Thread(target=lane, args=(number,)) for number in range(LANES)]
    for one in lanes:
        one.start()
    for one in lanes:
        one.join()
    return sum(began + WARM_S <= moment < began + WARM_S + seconds for moment in done) / seconds
