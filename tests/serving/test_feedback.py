"""What operators decided becomes training data: out of a real service, and into the trainer's own reader."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.serving import pictures
from tests.serving.service import Service, running
from training.formats import read_yolo

DECIDED = {"real": ["real"], "false": ["false"], "unsure": ["unsure"], "undone": ["real", "undo"], "waiting": [], "edited": []}


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, dict[str, Any]]]:
    """One event a camera, each with its own fate; and the events by camera."""
    with running(tmp_path_factory.mktemp("feedback") / "state") as service, service.client() as client:
        for camera, acts in DECIDED.items():
            event = raised(client, camera)
            for act in acts:
                path = f"/v1/events/{event['id']}/reviews"
                if act == "undo":
                    last = client.get(f"/v1/events/{event['id']}").json()["reviews"][-1]["id"]
                    client.post(f"{path}/{last}/undo").raise_for_status()
                else:
                    client.post(path, json={"verdict": act}).raise_for_status()
        client.post(f"/v1/events/{event['id']}/reviews", json=edited(event)).raise_for_status()
        events = {camera: newest(client, camera) for camera in DECIDED}
        yield service, events


def raised(client: Any, camera: str) -> dict[str, Any]:
    client.post("/v1/cameras", json={"id": camera}).raise_for_status()
    start = datetime.now(UTC) - timedelta(seconds=20)
    for second in range(6):
        headers = {"Captured-At": (start + timedelta(seconds=2 * second)).isoformat()}
        client.post(f"/v1/cameras/{camera}/frames", content=pictures.fire(30 + second), headers=headers).raise_for_status()
    return newest(client, camera)


def newest(client: Any, camera: str) -> dict[str, Any]:
    (event,) = client.get("/v1/events", params={"camera": camera, "raised": True}).json()["items"]
    return dict(client.get(f"/v1/events/{event['id']}").json())


def edited(event: dict[str, Any]) -> dict[str, Any]:
    """The first frame shows two things, the second nothing, by a person's word."""
    first, second = event["frames"][0]["id"], event["frames"][1]["id"]
    boxes = [
        {"frame": first, "hazard": "flame", "box": [0.25, 0.5, 0.5, 0.75]},
        {"frame": first, "hazard": "smoke", "box": [0.25, 0.0, 0.75, 0.5]},
    ]
    return {"verdict": "real", "boxes": boxes, "frames": [second]}


def test_the_export_is_read_by_the_trainer(decided: tuple[Service, dict[str, Any]], tmp_path: Path) -> None:
    service, events = decided
    folder = tmp_path / "set"
    said = service.cli("export-reviews", str(folder))
    whole = read_yolo(folder)
    assert whole.classes == ("flame", "smoke", "waste")
    by_camera: dict[str, list[Any]] = {}
    for one in whole.pictures:
        by_camera.setdefault(one.name.split("_")[0], []).append(one)
    assert set(by_camera) == {"real", "false", "edited"}
    assert all(one.boxes == () for one in by_camera["false"])
    assert [len(by_camera[camera]) for camera in ("real", "false")] == [sighted(events["real"]), sighted(events["false"])]
    seen = {frame["id"]: frame["sightings"] for frame in events["real"]["frames"]}
    for one in by_camera["real"]:
        (sighting,) = seen[Path(one.name).stem.split("_")[1]]
        assert [box.xyxy for box in one.boxes] == [pytest.approx(sighting["box"], abs=1e-4)]
    first, second = (frame["id"] for frame in events["edited"]["frames"][:2])
    boxes = {Path(one.name).stem.split("_")[1]: one.boxes for one in by_camera["edited"]}
    assert [(box.class_index, box.xyxy) for box in boxes[first]] == [(0, (0.25, 0.5, 0.5, 0.75)), (1, (0.25, 0.0, 0.75, 0.5))]
    assert boxes[second] == ()
    rows = [json.loads(line) for line in (folder / "origin.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["picture"] for row in rows} == {f"images/{one.name}" for one in whole.pictures}
    assert {row["camera"]: row["decisions"][0]["verdict"] for row in rows} == {
        "real": "real",
        "false": "false",
        "edited": "real",
    }
    assert {row["frame"] for row in rows if row["boxes_by"] == "person"} == {first, second}
    assert f"{len(whole.pictures)} pictures" in said
    assert "2 corrected by people" in said
    (picture,) = (folder / "images").glob(f"edited_{first}.jpg")
    with service.client() as client:
        assert picture.read_bytes() == client.get(events["edited"]["frames"][0]["picture"]).content
        assert client.get("/v1/audit", params={"limit": 1}).json()["items"][0]["what"] == "export.reviews"


def sighted(event: dict[str, Any]) -> int:
    return sum(bool(frame["sightings"]) for frame in event["frames"])


def test_over_http_it_is_the_same_and_for_trainers_only(decided: tuple[Service, dict[str, Any]], tmp_path: Path) -> None:
    service, _ = decided
    service.cli("export-reviews", str(tmp_path / "set"))
    with service.client(service.key("train").split()[-1]) as trainer:
        answer = trainer.get("/v1/reviews/export.zip")
        one = trainer.get("/v1/reviews/export.zip", params={"camera": "false", "hazard": "smoke"})
        flames = trainer.get(
            "/v1/reviews/export.zip", params={"camera": "false", "hazard": "flame", "since": "2020-01-01T00:00Z"}
        )
        later = trainer.get("/v1/reviews/export.zip", params={"since": "2999-01-01T00:00:00Z"})
        assert trainer.get("/v1/reviews/export.zip", params={"since": "yesterday"}).status_code == 422
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        assert names == {path.relative_to(tmp_path / "set").as_posix() for path in (tmp_path / "set").rglob("*.*")}
        for name in names:
            assert archive.read(name) == (tmp_path / "set" / name).read_bytes()
    for narrowed, some in ((one, False), (flames, True), (later, False)):
        with zipfile.ZipFile(io.BytesIO(narrowed.content)) as archive:
            assert any(name.endswith(".jpg") for name in archive.namelist()) is some
            assert "data.yaml" in archive.namelist()
    with service.client(service.key("read", "review").split()[-1]) as reader:
        assert reader.get("/v1/reviews/export.zip").status_code == 403


def test_a_folder_that_holds_something_is_left_alone(decided: tuple[Service, dict[str, Any]], tmp_path: Path) -> None:
    service, _ = decided
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(AssertionError, match="not empty"):
        service.cli("export-reviews", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
