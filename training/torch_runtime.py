"""Torch as a `balefire.vision` runtime: a run is judged, and an export compared, through the very code that serves."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from balefire.domain.bundle import Head
from training.graph import choose_head


class TorchRuntime:
    """model: an Ultralytics DetectionModel; a copy of it is used, unfused, in float32 on the CPU."""

    name = "torch"
    batches = True

    def __init__(self, model: Any, head: Head) -> None:
        self._model = deepcopy(model).float().eval()
        choose_head(self._model, head)

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """tensor: (n, 3, h, w) float32, 0–1. Back: the head's output, as the ONNX graph gives it."""
        import torch

        with torch.inference_mode():
            output = self._model(torch.from_numpy(tensor))
        return np.asarray((output[0] if isinstance(output, tuple) else output).numpy(), np.float32)
