"""Several things at once."""

from __future__ import annotations

import threading
from collections.abc import Callable


def side_by_side(*works: Callable[[], object]) -> None:
    """Each in a thread of its own; returns when all have ended."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
