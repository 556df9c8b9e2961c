"""A deadline on a block of a task, at a fraction of what ``asyncio.timeout`` costs: every call pays for one.

Most calls end long before their deadline. So a loop has one timer, set to the earliest deadline there was when it
was set, and a call only enters itself in a dictionary and leaves it again.
"""

from __future__ import annotations

import asyncio
from threading import local
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["Deadline"]


class Deadline:
    """Cancel the block after ``seconds``; ``passed`` says afterwards whether that, and nothing else, ended it.

    The cancellation is the deadline's own and ends at the block. A cancellation by anybody else goes on.
    """

    __slots__ = ("_cancelling", "_seconds", "_task", "_timer", "passed")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.passed = False

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None, "only a task can be cancelled"
        self._task = task
        self._cancelling = task.cancelling()
        timer: _Timer | None = getattr(_of_thread, "timer", None)
        if timer is None or timer.loop is not loop:
            timer = _of_thread.timer = _Timer(loop)
        self._timer = timer
        timer.enter(self, loop.time() + self._seconds)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not self.passed:
            self._timer.leave(self)
            return False
        self.passed = (
            self._task.uncancel() <= self._cancelling
        )  # else somebody else cancelled at the same moment
        return self.passed and kind is asyncio.CancelledError

    def cancel(self) -> None:
        """Let the deadline pass now."""
        self.passed = True
        self._task.cancel()


class _Timer:
    """The deadlines of one loop that have neither passed nor been left."""

    __slots__ = ("_at", "_handle", "_waiting", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._waiting: dict[Deadline, float] = {}
        self._handle: asyncio.TimerHandle | None = None
        self._at = 0.0

    def enter(self, deadline: Deadline, when: float) -> None:
        self._waiting[deadline] = when
        if self._handle is None or when < self._at:
            self._set(when)

    def leave(self, deadline: Deadline) -> None:
        self._waiting.pop(deadline, None)

    def _set(self, when: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._at = when
        self._handle = self.loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._handle = None
        now = self.loop.time()
        for deadline in [one for one, when in self._waiting.items() if when <= now]:
            self.leave(deadline)
            deadline.cancel()
        if self._waiting:
            self._set(min(self._waiting.values()))


_of_thread = local()
