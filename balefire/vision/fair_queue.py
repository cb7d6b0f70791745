"""A queue that is fair between those who wait: one turn each, in the order in which they came."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Not safe for threads: its owner holds a lock. Among the items of one `key` the first comes first."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, deque[Item]] = {}  # a dict keeps the order in which keys began to wait
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Item]:
        return (item for items in self._waiting.values() for item in items)

    def put(self, key: Hashable, item: Item) -> None:
        self._waiting.setdefault(key, deque()).append(item)
        self._size += 1

    def waiting(self, key: Hashable) -> Item | None:
        """The next item of `key`, which stays."""
        items = self._waiting.get(key)
        return items[0] if items else None

    def count(self, key: Hashable) -> int:
        return len(self._waiting.get(key, ()))

    def replace(self, key: Hashable, item: Item) -> None:
        """Put `item` where the next one of `key` waits: who sends often neither gains nor loses its turn."""
        self._waiting[key][0] = item

    def pop(self) -> Item:
        """The item whose turn it is. Raises IndexError where nobody waits."""
        key = next(iter(self._waiting), None)
        items = self._waiting.pop(key, None)
        if not items:
            raise IndexError("nobody waits")
        item = items.popleft()
        if items:
            self._waiting[key] = items  # behind all others
        self._size -= 1
        return item
