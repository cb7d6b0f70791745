"""Cameras that find flames, smoke and construction waste, and get the right people moving."""

__version__ = "0.1.0"
