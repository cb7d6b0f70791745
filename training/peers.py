"""Detectors of others, behind the detector that serves: judged by the same code on the same pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import RootModel

from balefire.domain.bundle import Bundle, InputSpec
from balefire.domain.detection import Hazard
from balefire.domain.errors import BadSetting
from balefire.folders import weights_folders
from balefire.strict_toml import StrictModel, read_toml
from balefire.vision.detector import Detector
from balefire.vision.runtimes import OnnxRuntime
from training.places import CHECKOUT, Places

PEERS = CHECKOUT / "configs" / "peers.toml"


class Peer(StrictModel):
    """`threshold`: the one score, 0–1, at which its pictures are counted."""

    path: str
    dataset: str
    classes: list[str]
    hazards: dict[str, Hazard]
    image_size: int
    head: Literal["anchor-free-nms", "end-to-end"]
    threshold: float
    about: str


class PeersTable(RootModel[dict[str, Peer]]):
    pass


def read_peer(name: str, path: Path = PEERS) -> Peer:
    """Raises BadSetting for a name that is not described."""
    peers = read_toml(path, PeersTable).root
    if name not in peers:
        raise BadSetting(f"{path}: there is no peer {name}; there are {', '.join(peers)}")
    return peers[name]


def peer_detector(name: str, peer: Peer, threads: int) -> Detector:
    """Raises BadSetting where the file is in no folder of BALEFIRE_WEIGHTS, BundleMismatch where it cannot be run."""
    found = next((folder / peer.path for folder in weights_folders() if (folder / peer.path).is_file()), None)
    if found is None:
        raise BadSetting(f"{peer.path}: the peer {name} is in no folder that BALEFIRE_WEIGHTS names")
    bundle = Bundle(
        name, "peer", tuple(peer.classes), peer.hazards, InputSpec(peer.image_size, peer.image_size), peer.head, peer.about,
        dict.fromkeys(peer.classes, peer.threshold), (),
    )  # fmt: skip
    return Detector(bundle, found.parent, OnnxRuntime(found.read_bytes(), threads))


def report_folder(places: Places, dataset: str, name: str) -> Path:
    """Where a peer's figures are kept: beside the data set's description, for cards to show."""
    return places.descriptions / dataset / "peers" / name


def peer_figures(places: Places, dataset: str) -> dict[str, dict[str, Any]]:
    """Peer → its figures.json, of those that were judged on this data set."""
    folder = places.descriptions / dataset / "peers"
    files = sorted(folder.glob("*/figures.json"))
    return {file.parent.name: json.loads(file.read_text(encoding="utf-8")) for file in files}
