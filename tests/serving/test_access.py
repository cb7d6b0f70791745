"""Who may: every route without a key, with a wrong, a narrow and a revoked one."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.serving import pictures
from tests.serving.service import Service

OPEN = {"/livez", "/readyz", "/sign-in", "/sign-in/{token}", "/choices", "/static"}
BENTOML = [
    "/metrics",
    "/docs.json",
    "/schema.json",
    "/healthz",
    "/detect",
    "/static_content/swagger-ui.css",
    "/openapi.json",
    "/docs",
]


def mounted_routes() -> list[tuple[str, str]]:
    """Every method and path of the mounted app, asked in a process of its own: its metrics register only once."""
    code = (
        "from serving.app import PARTS\n"
        "for route in [route for part in PARTS for route in part.router.routes]:\n"
        "    for method in route.methods:\n"
        "        print(method, route.path)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return [(line.split()[0], line.split()[1]) for line in said.splitlines()]


def test_every_route_wants_a_key(service: Service) -> None:
    walked = 0
    with httpx.Client(base_url=service.url, timeout=10) as nobody:
        for method, path in [*mounted_routes(), *(("GET", path) for path in BENTOML), ("POST", "/detect"), ("GET", "/nowhere")]:
            if path in OPEN:
                continue
            answer = nobody.request(method, path.replace("{number}", "0").replace("{", "").replace("}", ""))
            assert answer.status_code == 401, (method, path, answer.status_code)
            if method != "HEAD":
                assert answer.json()["code"] == "unauthorized"
            walked += 1
    assert walked > 20


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_are_open(service: Service, path: str) -> None:
    assert httpx.get(service.url + path).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Bearer nonsense", "Bearer bf_x_y", "Bearer bf_01J0000000000000000000000A_" + "a" * 43, "Basic YTpi", "Bearer", ""],
)
def test_wrong_keys_open_nothing(service: Service, header: str) -> None:
    answer = httpx.get(f"{service.url}/v1/cameras", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_wrong_secret_with_the_right_id(service: Service) -> None:
    with service.client(service.admin_key[:-1] + ("A" if service.admin_key[-1] != "A" else "B")) as client:
        assert client.get("/v1/cameras").status_code == 401


def test_a_revoked_key_opens_nothing_at_once(service: Service) -> None:
    with service.client() as admin:
        key = admin.post("/v1/keys", json={"name": "gone", "scopes": ["read"]}).json()["key"]
        with service.client(key) as client:
            assert client.get("/v1/events").status_code == 200
            assert admin.delete(f"/v1/keys/{key.split('_')[1]}").status_code == 204
            assert client.get("/v1/events").status_code == 401


def test_a_key_does_what_its_scopes_say(service: Service) -> None:
    with service.client() as admin:
        admin.post("/v1/cameras", json={"id": "mine"})
        admin.post("/v1/cameras", json={"id": "other"})
    key = service.key("frames", camera="mine")
    with service.client(key) as client:
        assert client.post("/v1/cameras/mine/frames", content=pictures.noise(5)).status_code == 200
        assert client.post("/v1/cameras/other/frames", content=pictures.noise(5)).status_code == 404
        for path in ("/v1/events", "/v1/keys", "/metrics", "/docs.json", "/v1/stream"):
            assert client.get(path).status_code == 403, path


def test_a_key_is_shown_once(service: Service) -> None:
    secret = service.admin_key.split("_")[2]
    with service.client() as admin:
        assert secret not in admin.get("/v1/keys").text
    assert secret not in service.log.read_text()
    assert secret.encode() not in (service.state / "balefire.sqlite").read_bytes()


def test_the_administrators_key_is_private(service: Service) -> None:
    assert stat.S_IMODE(os.stat(service.state / "admin.key").st_mode) == 0o600


def test_it_listens_on_this_machine_only(service: Service) -> None:
    port = int(service.url.rsplit(":", 1)[1])
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"]
    assert f"0100007F:{port:04X}" in listening
    assert f"00000000:{port:04X}" not in listening
