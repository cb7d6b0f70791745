"""One real service for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serving.service import Service, running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("serving") / "state") as started:
        yield started
