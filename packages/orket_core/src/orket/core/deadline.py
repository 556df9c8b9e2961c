"""A deadline on a block of a task, at a fraction of what ``asyncio.timeout`` costs: every call pays for one.

Most calls end long before their deadline. So a loop has one timer, set to the earliest deadline there was when it
was set, and a call only enters itself in a dictionary and leaves it again.
"""

from __future__ import annotations

from asyncio import CancelledError, current_task, get_running_loop, sleep
from contextlib import suppress
from math import inf
from threading import local
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle
    from types import TracebackType
    from typing import Self

__all__ = ["Deadline", "UnderWay"]

_PAUSE = 0.005
_PATIENCE = 2.0  # seconds; a call may hold on although it was cancelled


class Deadline:
    """Cancel the block ``seconds`` from now; ``passed`` says afterwards whether that, and nothing else, ended it.

    The cancellation is the deadline's own and ends at the block. A cancellation by anybody else goes on.
    """

    __slots__ = ("_cancelling", "_task", "_timer", "at", "passed")

    def __init__(self, seconds: float) -> None:
        self.at = monotonic() + seconds
        """When it passes, on the clock of ``time.monotonic()``."""
        self.passed = False

    def __enter__(self) -> Self:
        loop = get_running_loop()
        task = current_task(loop)
        assert task is not None, "only a task can be cancelled"
        self._task = task
        self._cancelling = task.cancelling()
        timer = _of_thread.timer
        if timer is None or timer.loop is not loop:
            timer = _of_thread.timer = _Timer(loop)
        self._timer = timer
        timer.waiting[self] = self.at
        if self.at < timer.rings_at:
            timer.set(self.at)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not self.passed:
            self._timer.waiting.pop(self, None)
            return False
        # It did not pass where somebody else cancelled at the same moment.
        self.passed = self._task.uncancel() <= self._cancelling
        return self.passed and kind is CancelledError

    def pass_soon(self) -> None:
        """Let it pass, unless the block has ended by then; from any thread."""
        with suppress(RuntimeError):  # its loop was closed, so nothing is under way there
            self._timer.loop.call_soon_threadsafe(self._pass)

    def _pass(self) -> None:
        if self in self._timer.waiting:
            self.cancel()

    def cancel(self) -> None:
        """Let the deadline pass now."""
        self._timer.waiting.pop(self, None)
        self.passed = True
        self._task.cancel()


class UnderWay(dict[str, Deadline | None]):
    """The calls that are under way, by their id, each with its deadline once it runs."""

    closed = False
    """Whether all of them were ended, and none begins any more."""

    def close(self) -> None:
        """End them."""
        self.closed = True
        for deadline in [*self.values()]:
            if deadline is not None:
                deadline.pass_soon()

    async def ended(self) -> None:
        """Wait until those that were ended are over, though not for one that holds on."""
        until = monotonic() + _PATIENCE
        while self.closed and self and monotonic() < until:  # noqa: ASYNC110 - other loops' calls set no event here
            await sleep(_PAUSE)


class _Timer:
    """The deadlines of one loop that have neither passed nor been left, and the one timer that rings for them."""

    __slots__ = ("_handle", "loop", "rings_at", "waiting")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self.waiting: dict[Deadline, float] = {}
        self.rings_at = inf
        self._handle: TimerHandle | None = None

    def set(self, when: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self.rings_at = when
        # In seconds from now, since a loop may have a clock of its own.
        self._handle = self.loop.call_later(when - monotonic(), self._ring)

    def _ring(self) -> None:
        self._handle, self.rings_at = None, inf
        now = monotonic()
        for deadline in [one for one, when in self.waiting.items() if when <= now]:
            deadline.cancel()
        if (soonest := min(self.waiting.values(), default=inf)) < inf:
            self.set(soonest)


class _OfThread(local):
    timer: _Timer | None = None


_of_thread = _OfThread()
