"""The evidence of an event as one zip, from a real service: whole, checked by its own sums, honest about what is gone."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from serving.zipped import zipped
from tests.serving.service import Service, running
from tests.serving.test_feedback import newest, raised


def read(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def checked(files: dict[str, bytes]) -> set[str]:
    """Whatever SHA256SUMS names, each with the sum that stands there."""
    rows = [line.split("  ") for line in files["SHA256SUMS"].decode().splitlines()]
    assert all(hashlib.sha256(files[path]).hexdigest() == digest for digest, path in rows)
    return {path for _, path in rows}


@pytest.fixture(scope="module")
def event(service: Service) -> dict[str, Any]:
    with service.client() as client:
        found = raised(client, "evidence")
        client.post(
            f"/v1/events/{found['id']}/reviews", json={"verdict": "real", "note": "seen from the road"}
        ).raise_for_status()
        return newest(client, "evidence")


def test_it_holds_all_that_is_known(service: Service, event: dict[str, Any]) -> None:
    with service.client() as client:
        answer = client.get(f"/v1/events/{event['id']}/evidence.zip")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
        assert f"balefire-evidence-{event['id']}.zip" in answer.headers["content-disposition"]
        files = read(answer.content)
        assert checked(files) == set(files) - {"SHA256SUMS"}
        facts = json.loads(files["event.json"])
        assert {name: facts[name] for name in event if name != "frames"} == {k: v for k, v in event.items() if k != "frames"}
        assert facts["reviews"][0]["note"] == "seen from the road"
        assert facts["reason"] == event["reason"] != ""
        assert files["clip.mp4"][4:8] == b"ftyp"
        for frame, shown in zip(facts["frames"], event["frames"], strict=True):
            assert frame["sightings"] == shown["sightings"]
            assert files[frame["file"]] == client.get(shown["picture"]).content
        assert "REMOVED.txt" not in files
        entries = client.get("/v1/audit", params={"limit": 1}).json()["items"]
    assert (entries[0]["what"], entries[0]["subject"]) == ("export.evidence", event["id"])


def test_what_retention_removed_is_named(tmp_path: Path) -> None:
    with running(tmp_path / "state") as service, service.client() as client:
        event = raised(client, "mast")
        stored = sorted((tmp_path / "state" / "frames").rglob("*.jpg"))
        stored[0].unlink()
        files = read(client.get(f"/v1/events/{event['id']}/evidence.zip").content)
        assert checked(files) == set(files) - {"SHA256SUMS"}
        frames = json.loads(files["event.json"])["frames"]
        gone = [frame for frame in frames if frame["removed"]]
        assert [frame["file"] for frame in gone] == [None]
        assert files["REMOVED.txt"].decode().count(gone[0]["id"]) == 1
        assert sum(name.startswith("pictures/") for name in files) == len(frames) - 1
        for path in stored[1:]:
            path.unlink()
        bare = read(client.get(f"/v1/events/{event['id']}/evidence.zip").content)
        assert set(bare) == {"event.json", "REMOVED.txt", "SHA256SUMS"}
        assert client.get("/v1/events/nope/evidence.zip").status_code == 404


def test_a_zip_leaves_while_it_is_made() -> None:
    """Each file has left before the next one is asked for: memory holds one of them."""
    sent = 0
    asked: list[int] = []

    def files() -> Any:
        for number in range(20):
            asked.append(sent)
            yield f"{number}.jpg", bytes([number]) * 100_000

    parts = []
    for part in zipped(files()):
        sent += len(part)
        parts.append(part)
        assert len(part) < 250_000
    assert all(left >= 100_000 * number for number, left in enumerate(asked))
    assert read(b"".join(parts))["7.jpg"] == bytes([7]) * 100_000


@pytest.mark.parametrize("path", ["fire/9.9.9", "fire/..", "../configs", "fire/%2e%2e", "..%2f..%2fetc/passwd", ".hidden/1"])
def test_a_card_that_is_not_there(service: Service, path: str) -> None:
    with service.client() as client:
        assert client.get(f"/v1/bundles/{path}/card").status_code == 404


def test_the_card_of_what_runs(service: Service) -> None:
    with service.client() as client:
        bundle = client.get("/v1/bundles").json()["items"][0]
        card = client.get(f"/v1/bundles/{bundle['name']}/{bundle['version']}/card")
        assert card.headers["content-type"].startswith("text/plain")
        assert card.text.startswith("#")
        assert bundle["hazards"]
