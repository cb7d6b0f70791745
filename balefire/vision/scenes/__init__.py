"""Rendered footage with true boxes: for the demo, for the smallest training run, and for a bundle's golden pictures."""

from balefire.vision.scenes.registry import SCENES, Scene, scene
from balefire.vision.scenes.training import training_picture

__all__ = ["SCENES", "Scene", "scene", "training_picture"]
