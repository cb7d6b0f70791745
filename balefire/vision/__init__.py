"""Pixels to detections."""

import os

# Nobody is told about the user's machine. onnxruntime from 1.29 on reads this when it is imported, and only then.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
