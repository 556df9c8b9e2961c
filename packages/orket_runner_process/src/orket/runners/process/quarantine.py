"""Who crashed too often lately is left alone for a while."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from time import monotonic

from orket.core import CallRefused

__all__ = ["Quarantine"]

_MINUTE = 60.0


class Quarantine:
    """Counts crashes by name, each for a minute."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._crashes: defaultdict[str, deque[float]] = defaultdict(deque)

    def count(self, name: str) -> None:
        """Count one crash."""
        crashes = self._crashes[name]
        crashes.append(monotonic())
        if len(crashes) > self._limit:
            crashes.popleft()

    def check(self, name: str, what: str) -> None:
        """Refuse what crashed as often as it may.

        Args:
            name: whose crashes count.
            what: what happened to it, for the message.

        Raises:
            CallRefused: it says how long to wait.
        """
        crashes = self._crashes.get(name)
        if crashes is None or len(crashes) < self._limit:
            return
        left = _MINUTE - (monotonic() - crashes[0])
        if left > 0:
            raise CallRefused(
                f"{what} {self._limit} times within a minute; it is in quarantine for another "
                f"{math.ceil(left)} seconds"
            )
