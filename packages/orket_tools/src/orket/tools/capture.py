"""What a program writes, as it comes: the head and the tail of it, in bounded memory."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Capture"]

_CHUNK = 65_536
_NOTE = 100  # bytes, more than the note between head and tail takes
_PATIENCE = 1.0  # seconds for what is still in the pipe when its writers are dead


class Capture:
    """A pipe that a program writes to. A context manager, inside a running loop."""

    def __init__(self, limit: int) -> None:
        """Make the pipe.

        Args:
            limit: bytes of JSON that ``text`` may have.
        """
        self._limit = limit
        self._room = max(limit - _NOTE, 0)
        self._most_head, self._most_tail = self._room * 3 // 4, self._room // 4
        self._head, self._tail = bytearray(), bytearray()
        self._total = 0
        self._ended = asyncio.Event()
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._reader)
        os.close(self._reader)
        self._close_writer()

    def begin(self) -> None:
        """Read from now on; the program has its end of the pipe, so this process gives up its own."""
        self._close_writer()
        asyncio.get_running_loop().add_reader(self._reader, self._read)

    async def rest(self) -> None:
        """Wait for the end of the output, though not for a process that got away and keeps the pipe open."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._ended.wait()

    def text(self) -> str:
        """What was written, or its head and tail where that is more than the limit; what is not UTF-8 shows as �."""
        room = self._room
        text = self._cut(room)
        # A line feed, a quote or a byte that is no text takes more room in JSON than here.
        while room > 0 and (size := len(json.dumps(text, ensure_ascii=False).encode())) > self._limit:
            room = room * self._room // size
            text = self._cut(room)
        return text

    def _cut(self, room: int) -> str:
        kept = self._head + self._tail
        if self._total <= room:
            return kept.decode(errors="replace")
        head, tail = kept[: room * 3 // 4], kept[len(kept) - room // 4 :]
        left_out = f"{self._total - len(head) - len(tail):,} of {self._total:,} bytes left out"
        return f"{head.decode(errors='replace')}\n[… {left_out} …]\n{tail.decode(errors='replace')}"

    def _read(self) -> None:
        data = os.read(self._reader, _CHUNK)
        if not data:
            asyncio.get_running_loop().remove_reader(self._reader)
            self._ended.set()
        self._total += len(data)
        room = self._most_head - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        del self._tail[: max(0, len(self._tail) - self._most_tail)]

    def _close_writer(self) -> None:
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1
