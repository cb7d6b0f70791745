"""weights.pt: plain data out, the same model back, and everything else refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from balefire.domain.errors import BadSetting
from training.weights import is_released, load_released, save_weights
from training.yolo import find_weights, home


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A YOLO26n that was made for 80 classes and fine-tuned to two, as Ultralytics does it: its branch stays wide."""
    home(tmp_path_factory.mktemp("runs"))
    from ultralytics.nn.tasks import DetectionModel

    wide, fine = DetectionModel("yolo26n.yaml", nc=80, verbose=False), DetectionModel("yolo26n.yaml", nc=2, verbose=False)
    fine.load(wide, verbose=False)
    fine.names = {0: "flame", 1: "smoke"}
    return fine.half().float().eval()


def test_the_same_model_comes_back(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    save_weights(model, path)
    back = load_released(path)
    picture = torch.rand(1, 3, 96, 128)
    with torch.inference_mode():
        assert torch.equal(back(picture)[0], model(picture)[0])
    assert back.names == {0: "flame", 1: "smoke"}
    assert is_released(path)


def test_it_is_data_and_nothing_more(model: Any, tmp_path: Path) -> None:
    save_weights(model, tmp_path / "weights.pt")
    saved = torch.load(tmp_path / "weights.pt", weights_only=True)
    assert sorted(saved) == ["balefire_weights", "names", "state", "yaml"]
    assert (tmp_path / "weights.pt").stat().st_size < 6_000_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"balefire_weights": 2}, "made by a newer one"),
        ({"names": ["flame", "smoke", "waste"]}, "not those of the architecture"),
    ],
)
def test_other_weights_are_refused(model: Any, tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = tmp_path / "weights.pt"
    save_weights(model, path)
    torch.save(torch.load(path, weights_only=True) | change, path)
    with pytest.raises(BadSetting, match=said):
        load_released(path)


def test_a_text_called_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_text("no")
    with pytest.raises(BadSetting, match="not a file of weights"):
        is_released(tmp_path / "weights.pt")


def test_where_weights_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fire" / "0.1.0").mkdir(parents=True)
    (tmp_path / "fire" / "0.1.0" / "weights.pt").touch()
    (tmp_path / "start.pt").touch()
    monkeypatch.setenv("BALEFIRE_WEIGHTS", str(tmp_path))
    assert find_weights("fire/0.1.0") == str(tmp_path / "fire/0.1.0/weights.pt")
    assert find_weights("start.pt") == str(tmp_path / "start.pt")
    assert find_weights("yolo26s.pt") == "yolo26s.pt"  # for Ultralytics to fetch
    with pytest.raises(BadSetting, match="neither a bundle nor a file"):
        find_weights("models/nowhere/0.1.0")
