"""The service's eye: a picture's bytes in, detections out, through the fair queue and one set of sessions a worker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from balefire.domain.camera import Camera, Kind, Tiles
from balefire.domain.detection import Detection, Hazard
from balefire.domain.errors import BadInput, BadSetting
from balefire.domain.geometry import Polygon
from balefire.flows.ports import Seen
from balefire.vision.bundles import read_bundle
from balefire.vision.detector import Detector, planned_detector
from balefire.vision.draw import draw_jpeg
from balefire.vision.engine import Engine
from balefire.vision.glance import glance
from balefire.vision.golden import check_golden
from balefire.vision.headers import Header, read_header
from balefire.vision.image import Rgb, blacken, decode, to_jpeg
from balefire.vision.plan import Plan

STORED_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Look:
    """One job. `store`: the JPEG to keep is wanted; `draw`: the JPEG with boxes is wanted instead."""

    picture: bytes
    header: Header
    detectors: tuple[str, ...]
    min_confidence: float | None = None
    masks: tuple[Polygon, ...] = ()
    store: bool = False
    draw: bool = False
    tiles: Tiles = Tiles.OFF
    glance: bool = False


class EngineEye:
    """Implements `flows.ports.Eye`. `folders`: detector name → bundle folder, each checked here on golden pictures.

    plans: detector name → how it runs, all with the same workers; floors: hazard → the least score that policies count.
    Raises BundleMismatch, BadSetting.
    """

    def __init__(
        self, folders: dict[str, Path], plans: Mapping[str, Plan], queue: int, pixel_limit: int,
        floors: Mapping[Hazard, float] | None = None,
    ) -> None:  # fmt: skip
        if not folders:
            raise BadSetting("no detector: models/catalog.toml names none")
        self._folders, self._pixel_limit, self._floors = folders, pixel_limit, dict(floors or {})
        self.names = tuple(folders)
        known = [read_bundle(folder) for folder in folders.values()]
        self._bundles = [{"name": one.name, "version": one.version, "sha256": one.sha256} for one in known]
        self._hazards = {one.name: sorted({str(hazard) for hazard in one.hazards.values()}) for one in known}
        self.plans = dict(plans)
        self.engine: Engine[Look, Seen] = Engine(self._crew(plans), _workers(plans), queue)

    def change(self, plans: Mapping[str, Plan]) -> None:
        """Run otherwise from the next frame on. Blocks while graphs load; where one is refused all stays as it was."""
        self.engine.change_workers(self._crew(plans), _workers(plans))
        self.plans = dict(plans)

    def _crew(self, plans: Mapping[str, Plan]) -> Callable[[], Callable[[Look], Seen]]:
        """One set of graphs for all workers: a session of one thread runs in whichever thread calls it."""
        detectors = {name: planned_detector(folder, plans[name]) for name, folder in self._folders.items()}
        for detector in detectors.values():
            check_golden(detector)
        return lambda: _Worker(detectors, self._floors)

    def bundles(self) -> list[dict[str, str]]:
        return self._bundles

    def running(self) -> list[dict[str, str | int | list[str]]]:
        """The bundles, each with the hazards it tells, how it runs and why."""
        plans = self.plans
        return [{**one, "hazards": self._hazards[one["name"]], **plans[one["name"]].facts()} for one in self._bundles]

    def require_detectors(self, names: Sequence[str]) -> None:
        """Raises BadInput for a detector that does not run here."""
        unknown = [name for name in names if name not in self.names]
        if unknown or not names:
            raise BadInput(f"no detector {unknown[0] if unknown else ''} runs here; there are {', '.join(self.names)}")

    def detectors_of(self, camera: Camera) -> tuple[str, ...]:
        """A thermal camera is looked at by the thermal bundle alone. Raises BadInput where it does not run here."""
        names = ("thermal",) if camera.kind is Kind.THERMAL else camera.detectors
        self.require_detectors(names)
        return names

    async def look(self, picture: bytes, camera: Camera, captured_at: datetime, backfill: bool, glance: bool) -> Seen:
        header = read_header(picture, max_pixels=self._pixel_limit)  # rubbish takes no place in the queue
        job = Look(
            picture,
            header,
            self.detectors_of(camera),
            masks=camera.privacy_masks,
            store=True,
            tiles=camera.tiles,
            glance=glance,
        )
        lane = "backfill" if backfill else "live"
        return await asyncio.wrap_future(self.engine.submit(job, camera.id, captured_at, lane))  # type: ignore[arg-type]

    async def detect(
        self,
        picture: bytes,
        detectors: Sequence[str] | None,
        min_confidence: float | None,
        draw: bool = False,
        tiles: Tiles = Tiles.OFF,
    ) -> Seen:
        """Stateless. `stored` of what comes back is the picture with boxes where `draw`. Raises BadInput, QueueFull."""
        names = tuple(detectors or self.names)
        self.require_detectors(names)
        header = read_header(picture, max_pixels=self._pixel_limit)
        job = Look(picture, header, names, min_confidence, draw=draw, tiles=tiles)
        return await asyncio.wrap_future(self.engine.submit(job))

    def close(self) -> None:
        self.engine.close()


def _workers(plans: Mapping[str, Plan]) -> int:
    return next(iter(plans.values())).workers


class _Worker:
    """Does the whole of one look in its thread, so that the event loop only waits."""

    def __init__(self, detectors: dict[str, Detector], floors: Mapping[Hazard, float]) -> None:
        self._detectors, self._floors = detectors, floors

    def __call__(self, job: Look) -> Seen:
        started = time.perf_counter()
        header = job.header
        chosen = [self._detectors[name] for name in job.detectors]
        rgb = blacken(self._decode(job, header, chosen), job.masks)
        decoded = time.perf_counter()
        tiled = (header.width, header.height) if job.tiles is Tiles.AUTO else None
        found, faint = self._find(job, chosen, rgb, tiled)
        inferred = time.perf_counter()
        stored = _stored(job, header, rgb, found)
        timing = {"decode": decoded - started, "infer": inferred - decoded, "total": time.perf_counter() - started}
        milliseconds = {stage: value * 1000 for stage, value in timing.items()}
        of_camera = glance(rgb, job.masks) if job.glance else None
        return Seen(header.width, header.height, tuple(found), stored, milliseconds, tuple(faint), of_camera)

    def _find(
        self, job: Look, chosen: list[Detector], rgb: Rgb, tiled: tuple[int, int] | None
    ) -> tuple[list[Detection], list[Detection]]:
        """A camera's frame is looked at down to what its policies count; a single picture to the thresholds."""
        if not job.store:
            return [one for detector in chosen for one in detector.look(rgb, job.min_confidence, tiled)], []
        both = [detector.sight(rgb, self._floors, tiled) for detector in chosen]
        return [one for found, _ in both for one in found], [one for _, faint in both for one in faint]

    @staticmethod
    def _decode(job: Look, header: Header, chosen: list[Detector]) -> Rgb:
        """No larger than the detectors need, unless the pixels themselves are kept or shown."""
        whole = job.draw or (job.store and (bool(job.masks) or header.format != "jpeg"))
        needs = [detector.needs(header.width, header.height, job.tiles is Tiles.AUTO) for detector in chosen]
        at_least = None if whole else (max(width for width, _ in needs), max(height for _, height in needs))
        return decode(job.picture, header, at_least=at_least, thermal=chosen[0].bundle.thermal)


def _stored(job: Look, header: Header, rgb: Rgb, found: list[Detection]) -> bytes:
    if job.draw:
        return draw_jpeg(rgb, found)
    if not job.store:
        return b""
    return job.picture if header.format == "jpeg" and not job.masks else to_jpeg(rgb, STORED_QUALITY)
