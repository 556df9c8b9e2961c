"""Hears what arrives on a socket, in the event loop of whoever waits for it."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

__all__ = ["Ear"]

_CHUNK = 1 << 16  # more is asked of the system each time, and given back


class Ear:
    """Listens in one loop for as long as that is the loop in question: to begin and to end costs system calls.

    It has a descriptor of its own, which nobody else closes. So it can be ended from another thread, late, without
    ever touching what the number of the descriptor stands for by then.
    """

    def __init__(
        self, heard: socket.socket, loop: asyncio.AbstractEventLoop, hear: Callable[[bytes], None]
    ) -> None:
        """Begin to listen.

        Args:
            heard: a socket that does not block.
            loop: where to listen; the running one.
            hear: called there with what arrives; with nothing once the other end is closed, or broken.
        """
        self.loop = loop
        self._fd = os.dup(heard.fileno())
        self._hear = hear
        self._ended = False
        loop.add_reader(self._fd, self._readable)

    def end(self) -> None:
        """Listen no more. What arrives from now on is for somebody else."""
        self._ended = True
        if self.loop.is_closed():
            self._close()
            return
        with suppress(RuntimeError):
            if asyncio.get_running_loop() is self.loop:
                self._close()
                return
        try:
            self.loop.call_soon_threadsafe(self._close)
        except RuntimeError:  # it was closed just now
            self._close()

    def _readable(self) -> None:
        if self._ended:
            return
        try:
            data = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.loop.remove_reader(self._fd)
        self._hear(data)

    def _close(self) -> None:
        if self._fd >= 0:
            if not self.loop.is_closed():
                self.loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
