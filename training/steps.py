"""A bar over a list of work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, TaskID

T = TypeVar("T")


@contextmanager
def steps(items: Sequence[T], title: str, console: Console) -> Iterator[Iterator[T]]:
    """The items, with a bar that ends with the block.

    Not `rich.progress.track`: an error leaves that generator to the garbage collector, which ends its bar at some later
    moment and can lock up another one that is being drawn then.
    """
    with Progress(console=console) as progress:
        yield _counted(items, progress, progress.add_task(title, total=len(items)))


def _counted(items: Sequence[T], progress: Progress, task: TaskID) -> Iterator[T]:
    for item in items:
        yield item
        progress.advance(task)
