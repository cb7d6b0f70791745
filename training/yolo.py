"""Ultralytics, set up so that it keeps to itself: no telemetry, no downloads behind our back, its files in our folders.

Import `ultralytics` only after `home()`; it reads these variables once, at import.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from balefire.domain.errors import BadSetting
from balefire.folders import weights_folders
from training.weights import is_released, load_released

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # malloc.h


def home(runs: Path) -> Path:
    """Point Ultralytics' settings, weights and runs below `runs`, and return that folder."""
    folder = runs / "ultralytics"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("YOLO_CONFIG_DIR", str(folder))
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin starve everything else on a small machine
    os.environ.setdefault("ULTRALYTICS_SAFE_LOAD", "1")  # weights are data: nothing in them is run
    from ultralytics import settings

    settings.update({
        "sync": False, "datasets_dir": str(folder), "weights_dir": str(folder / "weights"), "runs_dir": str(runs),
    })  # fmt: skip
    return folder


def find_weights(name: str) -> str:
    """A bundle folder → its weights.pt; a file; a file in BALEFIRE_WEIGHTS; else the name, for Ultralytics to fetch.

    A name that ends in .yaml is an architecture of Ultralytics without weights.

    Raises BadSetting where `name` is a path that leads nowhere.
    """
    for folder in (Path(), *weights_folders()):
        candidate = folder / name
        if (candidate / "weights.pt").is_file():
            return str((candidate / "weights.pt").resolve())
        if candidate.is_file():
            return str(candidate.resolve())
    if "/" in name or not name.endswith((".pt", ".yaml")):
        raise BadSetting(f"weights {name}: neither a bundle nor a file, here or in BALEFIRE_WEIGHTS")
    return name


def keep_freed_memory() -> None:
    """Tell glibc to keep what torch frees: a step on a CPU gives back and asks again for gigabytes, a page at a time.

    Does nothing where the C library has no mallopt.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, -1)


def cpu_runs_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 natively: training is then about three times as fast."""
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def forget_later_epochs(results: Path, done: int) -> None:
    """Cut results.csv back to the `done` epochs that a checkpoint holds: a kill may fall between the two."""
    if not results.is_file():
        return
    head, *rows = results.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row for row in rows if row.endswith("\n") and int(float(row.split(",")[0])) <= done]
    if kept != rows:
        results.write_text("".join([head, *kept]), encoding="utf-8")


def trainer_class(every_epoch: Callable[[Any], None]) -> type[Any]:
    """Ultralytics' detection trainer; on a CPU that has bfloat16 it runs the forward pass in it, channels last.

    Starts from a released weights.pt too. Call `home` first.

    Ultralytics does neither on a CPU. Measured on an AVX512-BF16 processor, yolo26n at 416 px: 0.106 s a picture
    as it comes, 0.068 channels last, 0.031 with bfloat16 too.
    """
    import torch
    from ultralytics.models.yolo.detect import DetectionTrainer

    class Trainer(DetectionTrainer):  # type: ignore[misc]
        model: Any
        last: Path
        best: Path

        def setup_model(self) -> Any:
            if isinstance(self.model, (str, Path)) and is_released(self.model):
                released = load_released(self.model)
                self.model = self.get_model(cfg=released.yaml, weights=released)
                return None
            return super().setup_model()

        def _setup_train(self) -> None:
            super()._setup_train()
            forget_later_epochs(self.csv, self.start_epoch)
            self.add_callback("on_fit_epoch_end", every_epoch)
            self.low_precision = self.device.type == "cpu" and cpu_runs_bfloat16()
            if self.device.type == "cpu":
                torch.set_num_threads(os.cpu_count() or 1)  # Ultralytics leaves one core idle: half of a small machine
            if self.low_precision:
                self.model.to(memory_format=torch.channels_last)
                self.ema.ema.to(memory_format=torch.channels_last)
                head, forward = self.model.model[-1], self.model.forward
                head.forward = _in_float32(head.forward)
                self.model.forward = _in_bfloat16(forward)

        def save_model(self) -> Any:
            """A kill or a full disk while a checkpoint is written leaves the one before."""
            last, best = self.last, self.best
            self.last, self.best = last.with_suffix(".partial"), best.with_suffix(".partial")
            try:
                saved = super().save_model()
                for partial, path in ((self.best, best), (self.last, last)):  # best first: a run goes on from its last
                    if partial.is_file():
                        partial.replace(path)
            finally:
                for partial in (self.last, self.best):
                    partial.unlink(missing_ok=True)
                self.last, self.best = last, best
            return saved

        def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
            batch = super().preprocess_batch(batch)
            batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
            return batch

        def validate(self) -> Any:
            if not self.low_precision:
                return super().validate()
            head = self.ema.ema.model[-1]
            head.forward = _in_float32(head.forward)
            try:
                return _in_bfloat16(super().validate)()
            finally:
                del head.forward  # the averaged model is pickled into the checkpoint, as Ultralytics made it

    def _in_bfloat16(forward: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return forward(*args, **kwargs)

        return wrapped

    def _in_float32(forward: Callable[..., Any]) -> Callable[..., Any]:
        """The head decodes boxes: bfloat16 has 8 bits, two pixels at the right edge of a 512 px picture."""

        def wrapped(features: list[Any]) -> Any:
            with torch.autocast("cpu", enabled=False):
                return forward([feature.float() for feature in features])

        return wrapped

    return Trainer
