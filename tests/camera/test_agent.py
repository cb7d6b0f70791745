"""Many cameras in one agent: a real RTSP server that is killed, an HLS playlist, a folder, and those that fail beside them."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from balefire.camera.agent import Agent, AgentSettings
from balefire.camera.config import AgentConfig, Watched, read_config
from balefire.camera.edge import EdgeEyes
from balefire.camera.settings import WatchSettings
from balefire.camera.status import Status
from balefire.domain.errors import BadSetting
from balefire.vision.image import to_jpeg
from balefire.vision.scenes import scene
from tests.camera.conftest import RtspServer
from tests.camera.frames_server import KEY, FramesServer
from tests.needs import program
from tests.serving.service import free_port

MODELS = Path(__file__).parents[2] / "models"
SOON = AgentSettings(again_first_s=0.2, again_most_s=0.4, report_every_s=0.5)


def config_of(path: Path, cameras: str, server: str) -> AgentConfig:
    """The configuration with waits that suit a test."""
    path.write_text(f'server = "{server}"\n[defaults]\nfps = 10\n{cameras}')
    read = read_config(path, key=KEY)
    return replace(read, cameras=tuple(replace(camera, settings=quick(camera.settings)) for camera in read.cameras))


def quick(settings: WatchSettings) -> WatchSettings:
    return replace(
        settings, reconnect_first_s=0.1, reconnect_most_s=0.3, read_timeout_s=2.0, retry_first_s=0.1, retry_most_s=0.2
    )  # fmt: skip


def tables(sources: dict[str, object]) -> str:
    return "".join(f'[[cameras]]\nid = "{name}"\nsource = "{source}"\nloop = true\n' for name, source in sources.items())


class Watching:
    """An agent inside a test's event loop, until the block ends. Its statuses stay."""

    def __init__(self, agent: Agent) -> None:
        self._agent, self.statuses = agent, agent.statuses()

    async def __aenter__(self) -> Watching:
        self._task = asyncio.create_task(self._agent.watch(self.statuses))
        return self

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not true():
                assert not self._task.done(), "the agent ended"
                await asyncio.sleep(0.02)

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def status(self, camera: str) -> Status:
        return next(status for status in self.statuses if status.camera == camera)


@pytest.fixture
def playlist(tmp_path: Path, video: Path) -> Iterator[str]:
    """The address of an HLS playlist, as a camera's recorder serves it."""
    folder = tmp_path / "hls"
    folder.mkdir()
    order = [
        "-i",
        str(video),
        "-c",
        "copy",
        "-f",
        "hls",
        "-hls_time",
        "1",
        "-hls_playlist_type",
        "vod",
        str(folder / "live.m3u8"),
    ]
    subprocess.run([program("ffmpeg"), "-loglevel", "error", *order], check=True)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/live.m3u8"
        server.shutdown()


def test_one_camera_that_fails_is_no_other_cameras_affair(
    frames: FramesServer, rtsp: RtspServer, folder: Path, playlist: str, tmp_path: Path
) -> None:
    frames.cameras = {"mast", "yard", "recorder"}
    (tmp_path / "broken.mp4").write_text("no video")
    cameras = tables({
        "mast": rtsp.url, "yard": folder, "recorder": playlist, "stranger": folder,
        "broken": tmp_path / "broken.mp4", "away": f"rtsp://guard:s3cret-pw@127.0.0.1:{free_port()}/live",
    })  # fmt: skip
    watching = Watching(Agent(config_of(tmp_path / "cameras.toml", cameras, frames.url), tmp_path / "spools", settings=SOON))

    async def story() -> None:
        async with watching:
            sent = frames.by_camera
            await watching.until(lambda: min(sent[name] for name in frames.cameras) >= 5)
            rtsp.kill()
            await watching.until(lambda: watching.status("mast").source == "lost")
            yard = sent["yard"]
            await watching.until(lambda: sent["yard"] > yard + 5)
            await asyncio.to_thread(rtsp.start)
            mast = sent["mast"]
            await watching.until(lambda: sent["mast"] > mast + 5)

    asyncio.run(story())
    for name, said in {"broken": "source failed", "stranger": "404", "away": "source lost"}.items():
        assert any(said in note for note in watching.status(name).notes), name
    assert "s3cret-pw" not in str(watching.statuses)
    for status in watching.statuses:
        assert status.counts.adds_up, status
        assert frames.by_camera[status.camera] >= status.counts.sent - status.counts.repeated


def test_a_server_that_restarts_gets_every_frame_of_every_camera(frames: FramesServer, folder: Path, tmp_path: Path) -> None:
    frames.cameras = {"one", "two", "three"}
    cameras = tables(dict.fromkeys(sorted(frames.cameras), folder))
    watching = Watching(Agent(config_of(tmp_path / "cameras.toml", cameras, frames.url), tmp_path / "spools", settings=SOON))

    async def story() -> None:
        async with watching:
            for _ in range(3):
                frames.by_camera.clear()
                await watching.until(lambda: min(frames.by_camera[name] for name in frames.cameras) > 3)
                await asyncio.to_thread(frames.stop)
                await watching.until(lambda: all(status.counts.waiting > 3 for status in watching.statuses))
                frames.start()
            await watching.until(lambda: all(status.counts.waiting == 0 for status in watching.statuses))

    asyncio.run(story())
    for status in watching.statuses:
        counts = status.counts
        assert counts.adds_up, status
        assert counts.dropped == 0
    # A frame whose answer the end of the test cut off is stored there and waits here.
    sent, waiting = (sum(getattr(status.counts, name) for status in watching.statuses) for name in ("sent", "waiting"))
    assert sent <= len(frames.stored) <= sent + waiting


def test_slow_answers_to_one_camera_hold_up_no_other(frames: FramesServer, folder: Path, tmp_path: Path) -> None:
    frames.cameras = {"slow", "quick"}
    frames.slow = {"slow": 1.5}
    cameras = tables(dict.fromkeys(sorted(frames.cameras), folder))
    watching = Watching(Agent(config_of(tmp_path / "cameras.toml", cameras, frames.url), tmp_path / "spools", settings=SOON))

    async def story() -> None:
        async with watching:
            await watching.until(lambda: frames.by_camera["slow"] >= 3)
            assert watching.status("slow").counts.waiting == 0
            assert frames.by_camera["quick"] > 2 * frames.by_camera["slow"]

    asyncio.run(story())
    assert all(status.counts.adds_up for status in watching.statuses)
    assert watching.status("slow").counts.replaced > 3


def test_two_agents_on_one_camera_are_told_and_the_first_goes_on(frames: FramesServer, folder: Path, tmp_path: Path) -> None:
    config = config_of(tmp_path / "cameras.toml", tables({"ridge-1": folder}), frames.url)
    first, second = (Watching(Agent(config, tmp_path / "spools", settings=SOON)) for _ in range(2))

    async def story() -> None:
        async with first:
            await first.until(lambda: frames.by_camera["ridge-1"] > 2)
            async with second:
                await second.until(lambda: second.status("ridge-1").source == "failed")
                known = frames.by_camera["ridge-1"]
                await first.until(lambda: frames.by_camera["ridge-1"] > known + 3)

    asyncio.run(story())
    assert "another balefire watch" in second.status("ridge-1").source_detail
    assert second.status("ridge-1").counts.sent == 0


def test_at_the_edge_only_what_saw_something_is_posted(frames: FramesServer, tmp_path: Path) -> None:
    """The released detector on rendered pictures: a calm street stays here but for its heartbeat, one on fire is posted."""
    frames.cameras = {"calm", "fire"}
    for name, at_s in (("calm", 0.0), ("fire", 60.0)):
        (tmp_path / name).mkdir()
        stage = scene("street", 0, starts_s=5.0)
        for number in range(4):
            (tmp_path / name / f"{number}.jpg").write_bytes(to_jpeg(stage.frame(at_s + 0.2 * number)))
    cameras = tables({name: tmp_path / name for name in sorted(frames.cameras)})
    config = config_of(tmp_path / "cameras.toml", cameras, frames.url)
    watching = Watching(Agent(config, tmp_path / "spools", EdgeEyes.load(MODELS, ["fire"]), SOON))

    async def story() -> None:
        async with watching:
            await watching.until(lambda: frames.by_camera["fire"] >= 5 and watching.status("calm").counts.kept_here >= 5)

    asyncio.run(story())
    assert frames.by_camera["calm"] == 1, "its heartbeat, and no more"
    assert watching.status("fire").counts.kept_here == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cameras: Field required"),
        ('[[cameras]]\nid = "A!"\nsource = "scene:street"', "cameras.0.id"),
        ('[[cameras]]\nid = "a"\nsource = "scene:street"\nsorce = 1', "did you mean source"),
        ('[[cameras]]\nid = "a"\nsource = "scene:street"\n' * 2, "camera a stands there twice"),
        ('[[cameras]]\nid = "a"\nsource = "rtsp://u:${NOT_SET_HERE}@h/x"', "the environment has no NOT_SET_HERE"),
        ('[[cameras]]\nid = "a"\nsource = "ftp://u:s3cret-pw@h/x"', "ftp:// is not read"),
        ('[[cameras]]\nid = "a"\nsource = "scene:street"\nactive = ["25:00-26:00"]', "hours are written 06:00-20:30"),
        ('[[cameras]]\nid = "a"\nsource = "scene:street"\nprivacy_masks = [[[0, 0], [1, 1]]]', "privacy_masks"),
        ('[[cameras]]\nid = "a"\nsource = "scene:street"\nprivacy_masks = [[[0, 0], [1, 1], [2, 0]]]', "privacy_masks"),
        ('[[cameras]]\nid = "a"\nsource = "scene:street"\nkey_file = "gone.key"', "gone.key cannot be read"),
        ('time_zone = "Mars/Olympus"\n[[cameras]]\nid = "a"\nsource = "scene:street"', "Mars/Olympus is none"),
    ],
)
def test_a_fault_of_the_configuration_is_named_without_secrets(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "cameras.toml"
    path.write_text(text)
    with pytest.raises(BadSetting) as refused:
        read_config(path, key=KEY)
    assert str(path) in str(refused.value)
    assert said in str(refused.value)
    assert "s3cret-pw" not in str(refused.value)


def test_a_camera_without_a_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cameras.toml"
    path.write_text('[[cameras]]\nid = "a"\nsource = "scene:street"')
    with pytest.raises(BadSetting, match="camera a has no key"):
        read_config(path)


def test_passwords_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIDGE_PASSWORD", "p@ss")
    path = tmp_path / "cameras.toml"
    path.write_text('[[cameras]]\nid = "a"\nsource = "rtsp://guard:${RIDGE_PASSWORD}@10.0.0.3/live"')
    [camera] = read_config(path, key=KEY).cameras
    assert camera.source.address == "rtsp://guard:p@ss@10.0.0.3/live"
    assert "p@ss" not in camera.source.shown
    assert isinstance(camera, Watched)


def test_the_example_is_a_configuration() -> None:
    read = read_config(Path("configs/cameras.example.toml"), key=KEY)
    assert [camera.camera for camera in read.cameras] == ["hillside", "street"]
    assert read.cameras[1].settings.privacy_masks
