"""weights.pt: what a released detector can be trained on from; loadable with `torch.load(weights_only=True)`.

A plain dict: `balefire_weights` 1, `yaml` the architecture as Ultralytics writes it, `names` the classes in order,
`state` parameter name → tensor, float16 as in the checkpoint that it came from.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from balefire.domain.errors import BadSetting

FORMAT = 1


def save_weights(model: Any, path: Path) -> None:
    """Write `model` (an Ultralytics DetectionModel that is not fused) to `path`."""
    import torch

    state = {key: _halved(value) for key, value in model.state_dict().items()}
    names = [model.names[index] for index in range(len(model.names))]
    torch.save({"balefire_weights": FORMAT, "yaml": _plain(model.yaml), "names": names, "state": state}, path)


def is_released(path: str | Path) -> bool:
    """Whether `path` was written by `save_weights`, rather than holding a pickled model. Nothing in it is run."""
    if not str(path).endswith(".pt") or not Path(path).is_file():
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            return any(b"balefire_weights" in archive.read(name) for name in pickles)
    except zipfile.BadZipFile as error:
        raise BadSetting(f"{path}: not a file of weights, or cut off") from error


def load_released(path: str | Path) -> Any:
    """The DetectionModel in `path`, float32, on the CPU, in eval mode. Raises BadSetting where it is something else."""
    import torch
    from ultralytics.nn.tasks import DetectionModel

    saved = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(saved, dict) or saved.get("balefire_weights") != FORMAT:
        raise BadSetting(f"{path}: not weights that this balefire wrote; made by a newer one?")
    state = {key: _widened(value) for key, value in saved["state"].items()}
    model = DetectionModel(dict(saved["yaml"]), nc=_hidden_classes(state), verbose=False)
    _answer_with(model, saved["names"])
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise BadSetting(f"{path}: its weights are not those of the architecture it names: {reason}") from error
    return model.float().eval()


def _hidden_classes(state: dict[str, Any]) -> int:
    """The number of classes that the class branch was once made for: Ultralytics keeps its width in fine-tuning."""
    (width,) = {value.shape[1] for key, value in state.items() if key.endswith(".cv3.0.2.weight")}
    return int(width)


def _answer_with(model: Any, names: list[str]) -> None:
    """Put a last layer for these classes in the place of the one that the model was built with."""
    import torch

    head = model.model[-1]
    for branch in (head.cv3, getattr(head, "one2one_cv3", None) or []):
        for level in branch:
            level[-1] = torch.nn.Conv2d(level[-1].in_channels, len(names), 1)
    head.nc = model.nc = model.yaml["nc"] = len(names)
    head.no = len(names) + 4 * head.reg_max
    model.names = dict(enumerate(names))


def load_model(path: str | Path) -> Any:
    """The DetectionModel of either form: a released weights.pt or an Ultralytics checkpoint (its averaged weights)."""
    if is_released(path):
        return load_released(path)
    from ultralytics.nn.tasks import load_checkpoint

    try:
        model, _ = load_checkpoint(str(path))
    except TypeError as error:  # what Ultralytics raises for a file it cannot use
        raise BadSetting(f"{path}: not a checkpoint of Ultralytics") from error
    return model.float().eval()


def _halved(value: Any) -> Any:
    return value.detach().cpu().half() if value.is_floating_point() else value.detach().cpu()


def _widened(value: Any) -> Any:
    return value.float() if value.is_floating_point() else value


def _plain(value: Any) -> Any:
    """Lists, dicts, texts and numbers only; a path keeps its last part: it says what, not where."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, str) and "/" in value:
        return Path(value).name
    return value
