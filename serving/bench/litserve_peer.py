"""A peer: the same ONNX in a minimal LitServe server, a worker a core. Not a part of the service.

BENCH_BUNDLE=models/fire/1.0.0 python -m serving.bench.litserve_peer PORT
"""

import os
import sys
from pathlib import Path
from typing import Any

import cv2
import litserve
import numpy as np
import onnxruntime
from fastapi import Request

from balefire.vision.bundles import read_bundle
from balefire.vision.heads import read_head
from balefire.vision.letterbox import letterbox


class Api(litserve.LitAPI):  # type: ignore[misc]
    """One thread for each of its workers, which is the fastest here."""

    def setup(self, device: str) -> None:
        folder = Path(os.environ["BENCH_BUNDLE"])
        self.bundle = read_bundle(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])

    def decode_request(self, request: Request) -> Any:
        """LitServe reads the annotation at run time: a form comes where it says Request, and only then."""
        form: Any = request
        pixels: Any = cv2.imdecode(np.frombuffer(form["image"].file.read(), np.uint8), cv2.IMREAD_COLOR)
        return pixels[:, :, ::-1]

    def predict(self, rgb: Any) -> Any:
        tensor, place = letterbox(np.ascontiguousarray(rgb), self.bundle.input)
        (raw,) = self.session.run(None, {self.session.get_inputs()[0].name: tensor})
        found = read_head(self.bundle.head, raw, len(self.bundle.classes), 0.25)
        return place.to_shares(found.xyxy_px).tolist(), found.scores.tolist(), found.classes.tolist()

    def encode_response(self, output: Any) -> dict[str, Any]:
        boxes, scores, classes = output
        return {"boxes": boxes, "scores": scores, "classes": classes}


if __name__ == "__main__":
    server = litserve.LitServer(Api(api_path="/detect"), accelerator="cpu", workers_per_device=os.cpu_count() or 1)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="error")
