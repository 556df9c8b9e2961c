"""The host's side of one worker: give it a call, read the answer, end it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from orket.runners.process.ears import Ear
from orket.runners.process.frames import Frames, encode
from orket.runners.process.nurseries import Channels

if TYPE_CHECKING:
    from orket.runners.process.frames import Frame
    from orket.runners.process.nurseries import Nursery
    from orket.runners.process.travel import Place

__all__ = ["End", "Gone", "Worker"]

_CHUNK = 1 << 16
_MORE = 1 << 20  # what an answer may have besides its result
_LONG_CALL = 0.02
_PATIENCE = 2.0
_MOST_LEFTOVER = 64


class Gone(Exception):  # noqa: N818 - an outcome of a call
    """The worker ended while it had a call; or it said what no worker says, and the text says what."""


class End(NamedTuple):
    """How a worker ended."""

    code: int | None
    """Its exit code, or the number of the signal that ended it with a minus; ``None`` where nobody can tell."""
    why: str = ""
    """What the nursery ended it for."""


class Worker:
    """One worker process. It has one call at a time, from whichever event loop."""

    def __init__(self, nursery: Nursery, place: Place, most_output: int) -> None:
        """Have ``nursery`` fork it.

        Raises:
            OSError: the nursery is gone.
        """
        self.place = place
        self.imported: set[str] = set()
        """The modules that it has imported for calls."""
        self._nursery = nursery
        self._most_output = most_output
        self._channels = Channels()
        try:
            self._number = nursery.fork(place, self._channels)
        except OSError:
            self._channels.close()
            raise
        finally:
            self._channels.close_others()
        self._ear: Ear | None = None
        self._frames = Frames()
        self._answered: asyncio.Future[Frame] | None = None
        self._ended = False
        self._output = bytearray()
        self._dropped = 0
        self._attended = False

    @property
    def alive(self) -> bool:
        """Whether it is still there, as far as it has been told."""
        try:
            self._channels.status.recv(1)
        except BlockingIOError:
            return not self._ended
        except OSError:
            return False
        return False

    async def call(self, request: Frame, module: str, import_seconds: float) -> Frame:
        """Run one call.

        Args:
            request: what the worker is asked.
            module: what it has to import for it.
            import_seconds: how long that may take.

        Raises:
            Gone: the worker ended or broke the protocol; ``ended`` says how.
            TimeoutError: the import did not end in time.
        """
        loop = asyncio.get_running_loop()
        token = request["token"] = os.urandom(8).hex()
        limit = request["limit"]
        assert isinstance(limit, int), "a request says how long its answer may be"
        self._frames = Frames(limit + _MORE)
        attending = loop.call_later(_LONG_CALL, self._attend, loop)
        try:
            await self._send(loop, encode(request))
            if module in self.imported:
                answer = await self._next(loop)
            else:
                async with asyncio.timeout(import_seconds):
                    answer = await self._next(loop)
            if "imported" in answer:
                self.imported.add(module)
                answer = await self._next(loop)
        finally:
            attending.cancel()
            if self._attended:
                self._leave(loop)
        if answer.get("token") != token:
            raise Gone("it answered what was not asked")
        return answer

    def kill(self) -> None:
        """End it and all that it started; ``ended`` says when that is done."""
        self._nursery.tell("kill", self._number)

    async def ended(self) -> End:
        """Wait until nothing of it is left; what it was told to do it does no more."""
        loop = asyncio.get_running_loop()
        told = bytearray()
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(_PATIENCE):
                while data := await loop.sock_recv(self._channels.status, _CHUNK):
                    told += data
        said: dict[str, object] = {}
        for line in told.splitlines():
            said |= json.loads(line)
        code = said.get("code")
        return End(code if isinstance(code, int) else None, str(said.get("why", "")))

    def close(self) -> None:
        """Let go of it: without its host it ends."""
        self.kill()
        if self._ear is not None:
            self._ear.end()
        self._channels.close()

    def printed(self, tool: str) -> None:
        """Log what the call of ``tool`` printed, as much as is kept of it."""
        for _ in range(_MOST_LEFTOVER):  # a thread that was left behind may print for ever
            if not self._drain():
                break
        if self._output:
            text = self._output.decode(errors="backslashreplace")
            dropped = f"\n({self._dropped:,} bytes more were dropped)" if self._dropped else ""
            logging.getLogger("orket.runners.process").info("'%s' printed: %s%s", tool, text, dropped)
            self._output.clear()
        self._dropped = 0

    async def _send(self, loop: asyncio.AbstractEventLoop, data: bytes) -> None:
        if self._ear is None or self._ear.loop is not loop:
            if self._ear is not None:
                self._ear.end()
            self._ear = Ear(self._channels.calls, loop, self._hear)
        try:
            sent = self._channels.calls.send(data)
            if sent < len(data):
                await loop.sock_sendall(self._channels.calls, memoryview(data)[sent:])
        except OSError as error:
            raise Gone from error

    async def _next(self, loop: asyncio.AbstractEventLoop) -> Frame:
        """The next frame that comes, or came with the last one."""
        frame = self._heard()
        if frame is None:
            self._answered = loop.create_future()
            frame = await self._answered
        return frame

    def _heard(self) -> Frame | None:
        """A frame of what has come; ``None`` where one may still come."""
        try:
            frame = self._frames.next()
        except ValueError as error:
            raise Gone(f"it gave {error}") from error
        if frame is None and self._ended:
            raise Gone
        return frame

    def _hear(self, data: bytes) -> None:
        self._frames.feed(data)
        self._ended = self._ended or not data
        if self._answered is None or self._answered.done():
            return
        try:
            frame = self._heard()
        except Gone as gone:
            self._answered.set_exception(gone)
        else:
            if frame is not None:
                self._answered.set_result(frame)

    def _attend(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look after a call that is not over at once: what it prints, and how many processes it starts."""
        self._attended = True
        loop.add_reader(self._channels.output, self._drain)
        self._nursery.tell("watch", self._number)

    def _leave(self, loop: asyncio.AbstractEventLoop) -> None:
        self._attended = False
        loop.remove_reader(self._channels.output)
        self._nursery.tell("unwatch", self._number)

    def _drain(self) -> bool:
        """Take what was printed; whether there was anything."""
        try:
            data = os.read(self._channels.output, _CHUNK)
        except BlockingIOError:
            return False
        if not data and self._attended:  # closed at the other end, which would be ready for ever
            asyncio.get_running_loop().remove_reader(self._channels.output)
        room = max(0, self._most_output - len(self._output))
        self._output += data[:room]
        self._dropped += max(0, len(data) - room)
        return bool(data)
