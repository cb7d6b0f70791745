"""A control room of its own: hundreds that wait, written by the real adapters, and Lin in front of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from serving.bench.queue_fill import fill
from tests.serving.browser import PASSWORD, Seat, seat
from tests.serving.service import Service, running
from tests.serving.waiting.room import EVENTS, PLACES, enter


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Three hundred places wait, each tenth with three events."""
    state = tmp_path_factory.mktemp("queue") / "state"
    assert fill(state, PLACES) == EVENTS
    with running(state) as service:
        with service.client() as admin:
            admin.post("/v1/units", json={"code": "oak", "name": "Oak", "kind": "hub"}).raise_for_status()
            admin.post("/v1/units", json={"code": "elm", "name": "Elm", "kind": "district", "parent": "oak"}).raise_for_status()
            for camera in ("mast-007", "mast-008"):
                admin.patch(f"/v1/cameras/{camera}", json={"unit": "elm"}).raise_for_status()
            for name, role in (("lin", "operator"), ("wang", "operator"), ("guest", "viewer")):
                body = {"name": name, "role": role, "password": PASSWORD}
                admin.post("/v1/users", json=body).raise_for_status()
        yield service


@pytest.fixture
def lin(browser: Browser, room: Service) -> Iterator[Seat]:
    with seat(browser, room) as sitting:
        enter(sitting)
        yield sitting
        assert (sitting.faults, sitting.elsewhere) == ([], [])
