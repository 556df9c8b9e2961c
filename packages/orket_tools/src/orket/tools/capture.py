"""What a program writes, as it comes: the head and the tail of it, in bounded memory."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
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
            limit: bytes of UTF-8 that ``text`` may have.
        """
        room = max(limit - _NOTE, 0)
        self._most_head, self._most_tail = room * 3 // 4, room // 4
        self._head, self._tail = bytearray(), bytearray()
        self._total = 0
        self._ended = asyncio.Event()
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._reader)
        os.close(self._reader)
        self._close_writer()

    def begin(self) -> None:
        """Read from now on; the program has its end of the pipe, so this process gives up its own."""
        self._close_writer()
        asyncio.get_running_loop().add_reader(self._reader, self._read)

    async def rest(self) -> None:
        """Wait for the end of the output, though not for a process that got away and keeps the pipe open."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._ended.wait()
        except TimeoutError:
            pass

    def text(self) -> str:
        """What was written, or its head and tail where that is more than the limit; what is not UTF-8 shows as �."""
        left_out = self._total - len(self._head) - len(self._tail)
        head, tail = self._head.decode(errors="replace"), self._tail.decode(errors="replace")
        if not left_out:
            return (self._head + self._tail).decode(errors="replace")
        return f"{head}\n[… {left_out:,} of {self._total:,} bytes left out …]\n{tail}"

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
