"""An observer that says which tool keeps the event loop from going on: nothing else can, while it does."""

from __future__ import annotations

import asyncio
import sys
import time
from threading import Lock, Thread, get_ident
from typing import TYPE_CHECKING, NamedTuple

from orket.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from orket.core.calls import CallRecord, ToolResult

__all__ = ["LoopWatch"]

_BETWEEN = 0.02


class LoopWatch:
    """Watches the event loops of calls from a thread of its own, which lives as long as there are calls.

    A coroutine tool under the inline runner that computes or blocks stops every call of its loop, and their deadlines
    with them. To be given to ``Runtime(observers=[LoopWatch()])`` where such a tool is looked for.
    """

    def __init__(self, seconds: float = 0.05, report: Callable[[str], object] | None = None) -> None:
        """Watch nothing yet: the first call begins it.

        Args:
            seconds: how long a loop may stand still before it is reported, once for each time.
            report: called in the watching thread with a sentence; a warning is logged when left out.
        """
        self._seconds = seconds
        self._report = _log if report is None else report
        self._lock = Lock()
        self._calls: dict[str, tuple[str, _Loop]] = {}
        self._watching = False

    @hookimpl
    def call_started(self, call: CallRecord) -> None:
        loop = _Loop(asyncio.get_running_loop(), get_ident())
        with self._lock:
            self._calls[call.call_id] = call.tool, loop
            if not self._watching:
                self._watching = True
                Thread(target=self._watch, name="orket-loop-watch", daemon=True).start()

    @hookimpl
    def call_finished(self, call: CallRecord, result: ToolResult) -> None:
        with self._lock:
            self._calls.pop(call.call_id, None)

    def _watch(self) -> None:
        beats: dict[_Loop, _Beat] = {}
        while True:
            with self._lock:
                loops = {loop for _, loop in self._calls.values()}
                self._watching = bool(loops)
            if not loops:
                return
            beats = {loop: beats.get(loop) or _Beat() for loop in loops}
            for loop, beat in beats.items():
                if beat.answered:
                    beats[loop] = _Beat()
                    beats[loop].ask(loop.loop)
                elif beat.late(self._seconds):
                    self._report(self._sentence(loop))
            time.sleep(_BETWEEN)

    def _sentence(self, loop: _Loop) -> str:
        with self._lock:
            tools = sorted({name for name, where in self._calls.values() if where == loop})
        # Python's only way to see where another thread is, documented for just that.
        frames = sys._current_frames()  # pyright: ignore[reportPrivateUsage]
        stack = _stack(frames.get(loop.thread))
        inside = [name for name in tools if any(frame.f_code.co_name == name for frame in stack)] or tools
        place = f" at {stack[0].f_code.co_filename}:{stack[0].f_lineno}" if stack else ""
        names = ", ".join(f"'{name}'" for name in inside)
        return f"{names} blocks the event loop, for {self._seconds:g} seconds by now{place}"


class _Loop(NamedTuple):
    loop: asyncio.AbstractEventLoop
    thread: int


class _Beat:
    """A question to a loop, which it answers as soon as it goes on."""

    def __init__(self) -> None:
        self.answered = True
        self._asked_at = 0.0
        self._told = False

    def ask(self, loop: asyncio.AbstractEventLoop) -> None:
        self.answered = False
        self._asked_at = time.monotonic()
        try:
            loop.call_soon_threadsafe(self._answer)
        except RuntimeError:  # it was closed, with a call in it
            self.answered = True

    def late(self, seconds: float) -> bool:
        """Whether the answer is late, said once."""
        late = not self._told and time.monotonic() - self._asked_at >= seconds
        self._told = self._told or late
        return late

    def _answer(self) -> None:
        self.answered = True


def _stack(frame: FrameType | None) -> list[FrameType]:
    frames: list[FrameType] = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _log(sentence: str) -> None:
    import logging

    logging.getLogger("orket.loopwatch").warning("%s", sentence)
