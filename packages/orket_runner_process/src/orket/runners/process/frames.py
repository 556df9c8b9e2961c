"""How host and worker speak: four bytes of length, then so much JSON. Plain values only, so nothing can be smuggled."""

from __future__ import annotations

import json
from typing import TypeAlias, cast

__all__ = ["Frame", "Frames", "encode"]

Frame: TypeAlias = dict[str, object]

_LENGTH = 4


def encode(frame: Frame) -> bytes:
    """A frame as bytes."""
    data = json.dumps(frame, separators=(",", ":")).encode()
    return len(data).to_bytes(_LENGTH, "big") + data


class Frames:
    """Frames out of the bytes that arrive, in whatever pieces."""

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self._pending = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes that arrived."""
        self._pending += data

    def missing(self) -> int:
        """How many bytes it takes to go on; 0 where a frame is complete."""
        have = len(self._pending)
        return max(0, (_LENGTH if have < _LENGTH else _LENGTH + self._size()) - have)

    def next(self) -> Frame | None:
        """The next frame, if it is complete.

        Raises:
            ValueError: it is longer than the limit, or no JSON object.
        """
        if len(self._pending) < _LENGTH:
            return None
        size = self._size()
        if self._limit and size > self._limit:
            raise ValueError(f"{size:,} bytes, where {self._limit:,} are allowed")
        end = _LENGTH + size
        if len(self._pending) < end:
            return None
        frame: object = json.loads(self._pending[_LENGTH:end])
        del self._pending[:end]
        if not isinstance(frame, dict):
            raise ValueError("no JSON object")
        return cast("Frame", frame)

    def _size(self) -> int:
        return int.from_bytes(self._pending[:_LENGTH], "big")
