"""A peer: the same ONNX behind FastAPI, with Ultralytics' own `predict`, as its users write it. Not a part of the service.

BENCH_MODEL=model.onnx uvicorn serving.bench.ultralytics_peer:app --workers 2
"""

from __future__ import annotations

import os
import threading
from typing import Any

import cv2
import numpy as np
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from ultralytics import YOLO

app = FastAPI()
model = YOLO(os.environ["BENCH_MODEL"], task="detect")
model.predict(np.zeros((1080, 1920, 3), np.uint8), imgsz=640, rect=False, verbose=False, device="cpu")
one_at_a_time = threading.Lock()  # its predictor is not for several threads


@app.post("/detect")
async def detect(request: Request) -> list[dict[str, Any]]:
    return await run_in_threadpool(_look, await request.body())


def _look(picture: bytes) -> list[dict[str, Any]]:
    pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    with one_at_a_time:
        (result,) = model.predict(pixels, imgsz=640, rect=False, conf=0.25, verbose=False, device="cpu")
    rows = zip(result.boxes.xyxyn.tolist(), result.boxes.conf.tolist(), result.boxes.cls.tolist(), strict=True)
    return [{"box": box, "confidence": confidence, "class": kind} for box, confidence, kind in rows]
