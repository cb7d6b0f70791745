"""An event page of its own: a service with an operator, and the operator in front of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.serving.browser import PASSWORD, Seat, seat
from tests.serving.event_page.desk import sit_down
from tests.serving.service import Service, running


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of its own, with an operator."""
    with running(tmp_path_factory.mktemp("event") / "state", time_zone="Asia/Shanghai") as service:
        with service.client() as admin:
            for name, role in (("lin", "operator"), ("guest", "viewer")):
                admin.post("/v1/users", json={"name": name, "role": role, "password": PASSWORD}).raise_for_status()
        yield service


@pytest.fixture
def lin(browser: Browser, desk: Service) -> Iterator[Seat]:
    """Lin sits at the page; nothing there may fail or ask another server for anything."""
    with seat(browser, desk) as sitting:
        sit_down(sitting)
        yield sitting
        assert sitting.faults == []
        assert sitting.elsewhere == []
