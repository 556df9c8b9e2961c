"""How host and worker speak: four bytes of length, then so much JSON. Plain values only, so nothing can be smuggled."""

from __future__ import annotations

import json
from typing import TypeAlias, cast

__all__ = ["Frame", "Frames", "encode"]

Frame: TypeAlias = dict[str, object]

_LENGTH = 4
_as_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def encode(frame: Frame) -> bytes:
    """A frame as bytes."""
    data = _as_json(frame).encode()
    return len(data).to_bytes(_LENGTH, "big") + data


class Frames:
    """Frames out of the bytes that arrive, in whatever pieces."""

    __slots__ = ("_limit", "_pending", "_size")

    def __init__(self, limit: int = 0) -> None:
        """Expect a frame.

        Args:
            limit: how long one may be; 0 for any length.
        """
        self._limit = limit
        self._pending: bytes | bytearray = b""
        self._size = -1

    def feed(self, data: bytes) -> None:
        """Take bytes that arrived."""
        if not self._pending:
            self._pending = data
        elif isinstance(self._pending, bytearray):
            self._pending += data
        else:
            self._pending = bytearray(self._pending + data)

    def next(self) -> Frame | None:
        """The next frame, if it is complete.

        Raises:
            ValueError: it is longer than the limit, or no JSON object; the text says so.
        """
        if self._size < 0:
            if len(self._pending) < _LENGTH:
                return None
            self._size = int.from_bytes(self._pending[:_LENGTH], "big")
            if self._limit and self._size > self._limit:
                raise ValueError(f"{self._size:,} bytes, where {self._limit:,} are allowed")
        end = _LENGTH + self._size
        if len(self._pending) < end:
            return None
        frame: object = json.loads(self._pending[_LENGTH:end].decode())
        self._pending = self._pending[end:]
        self._size = -1
        if not isinstance(frame, dict):
            raise ValueError("what is no JSON object")
        return cast("Frame", frame)
