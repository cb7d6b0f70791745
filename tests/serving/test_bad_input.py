"""What bad input gets: a clear refusal, on all three routes alike; never a 500, never a stack trace."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.serving import pictures
from tests.serving.service import Service

Route = Callable[[httpx.Client, bytes], httpx.Response]


def _detect(client: httpx.Client, body: bytes) -> httpx.Response:
    return client.post("/v1/detect", content=body, headers={"Content-Type": "image/jpeg"})


def _frames(client: httpx.Client, body: bytes) -> httpx.Response:
    return client.post("/v1/cameras/bad-input/frames", content=body, headers={"Content-Type": "image/jpeg"})


def _typed(client: httpx.Client, body: bytes) -> httpx.Response:
    return client.post("/detect", files={"image": ("picture.jpg", body, "image/jpeg")})


ROUTES = {"detect": _detect, "frames": _frames, "typed": _typed}


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[httpx.Client]:
    with service.client() as opened:
        opened.post("/v1/cameras", json={"id": "bad-input"})
        yield opened


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 415, "not_an_image"),
        (b"hello, I am a text\n" * 9, 415, "not_an_image"),
        (b"GIF89a" + bytes(64), 415, "not_an_image"),
        (b"\xff\xd8\xff\xe0", 422, "broken_image"),
        (pictures.noise()[:2000], 422, "broken_image"),
        (pictures.huge_header(), 422, "image_too_large"),
    ],
    ids=["empty", "text", "gif", "header only", "truncated", "65535 × 65535"],
)
def test_what_is_no_picture(client: httpx.Client, route: str, body: bytes, status: int, code: str) -> None:
    answer = ROUTES[route](client, body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code or (route == "typed" and problem["code"] == "bad_input")
    assert problem["status"] == status
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("body", "size"),
    [
        (pictures.animated(), (320, 240)),
        (pictures.cmyk(), (320, 240)),
        (pictures.png_16_bit(), (320, 240)),
        (pictures.rotated(), (240, 320)),
    ],
    ids=["animated", "cmyk", "16 bit", "rotated"],
)
def test_unusual_pictures_are_handled(client: httpx.Client, route: str, body: bytes, size: tuple[int, int]) -> None:
    answer = ROUTES[route](client, body)
    assert answer.status_code == 200, answer.text
    if route != "frames":
        assert (answer.json()["frame"]["width"], answer.json()["frame"]["height"]) == size


@pytest.mark.parametrize("path", ["/v1/detect", "/v1/cameras/bad-input/frames", "/detect"])
def test_200_mb_are_refused_before_they_are_read(service: Service, path: str) -> None:
    """The refusal comes while hardly a byte has been sent."""
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {service.admin_key}\r\n"
        head += "Content-Type: image/jpeg\r\nContent-Length: 200000000\r\n\r\n"
        connection.sendall(head.encode() + bytes(1000))
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_body_of_unsaid_length_is_cut_off_too(client: httpx.Client) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(200):
            sent += 1_000_000
            yield bytes(1_000_000)

    with contextlib.suppress(httpx.WriteError):  # the server has closed before all was written: as good a no
        assert client.post("/v1/detect", content=endless()).status_code == 413
    assert sent < 100_000_000


def test_an_address_is_never_fetched(client: httpx.Client) -> None:
    """No connection reaches the place that the request names."""
    with socket.create_server(("127.0.0.1", 0)) as bait:
        bait.settimeout(1.0)
        address = f"http://127.0.0.1:{bait.getsockname()[1]}/picture.jpg"
        answers = [
            client.post("/detect", data={"image": address}),
            client.post("/detect", files={"image": (None, address)}),
            client.post("/detect", json={"image": address}),
            client.post("/detect", json=address),
            client.post("/v1/detect", content=address),
            client.post("/v1/detect", files={"image": (None, address)}),
            client.post("/v1/cameras/bad-input/frames", json={"image": address}),
        ]
        assert [answer.status_code for answer in answers if answer.status_code not in (415, 422)] == []
        with pytest.raises(TimeoutError):
            bait.accept()


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Captured-At": "2026-05-01T12:00:00"}, 422, "naive_time"),
        ({"Captured-At": "yesterday"}, 422, "bad_input"),
        ({"Frame-Id": "x" * 129}, 422, "bad_input"),
    ],
)
def test_bad_headers(client: httpx.Client, headers: dict[str, str], status: int, code: str) -> None:
    answer = client.post("/v1/cameras/bad-input/frames", content=pictures.noise(1), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_unknown_camera(client: httpx.Client) -> None:
    answer = client.post("/v1/cameras/nowhere/frames", content=pictures.noise())
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_camera")


@pytest.mark.parametrize(
    "body",
    [{"id": "UPPER"}, {"id": "a b"}, {"id": "ok-1", "nmae": "x"}, {"id": "ok-2", "azimuth_deg": 400},
     {"id": "ok-3", "detectors": ["unicorn"]}, {"id": "ok-4", "privacy_masks": [[[0, 0], [2, 2], [0, 1]]]},
     {"id": "ok-5", "position": {"lon": 400, "lat": 0}}, {"id": "ok-6", "kind": "infrared"}],
)  # fmt: skip
def test_bad_cameras(client: httpx.Client, body: dict[str, object]) -> None:
    answer = client.post("/v1/cameras", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_same_id_twice(client: httpx.Client) -> None:
    assert client.post("/v1/cameras", json={"id": "twice"}).status_code == 201
    assert client.post("/v1/cameras", json={"id": "twice"}).status_code == 409


def test_a_script_in_a_name_is_kept_as_text(client: httpx.Client) -> None:
    name = "<script>alert(1)</script>"
    client.post("/v1/cameras", json={"id": "script", "name": name})
    assert client.get("/v1/cameras/script").json()["name"] == name


def test_a_slow_body_does_not_stop_the_others(service: Service, client: httpx.Client) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as slow:
        head = (
            f"POST /v1/detect HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.admin_key}\r\nContent-Length: 9999\r\n\r\n"
        )
        slow.sendall(head.encode() + b"\xff\xd8")
        assert client.post("/v1/detect", content=pictures.noise()).status_code == 200
