"""A deadline on a block of a task: ``asyncio.timeout`` at half its cost, which every call would pay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Deadline"]


class Deadline:
    """Cancel the block after ``seconds``; ``passed`` says afterwards whether that happened.

    The cancellation is the deadline's own and ends at the block. A cancellation by anybody else goes on.
    """

    __slots__ = ("_cancelling", "_handle", "_seconds", "_task", "passed")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.passed = False

    def __enter__(self) -> Deadline:
        task = asyncio.current_task()
        assert task is not None, "a deadline is for a task"
        self._task = task
        self._cancelling = task.cancelling()
        self._handle = task.get_loop().call_later(self._seconds, self._pass)
        return self

    def _pass(self) -> None:
        self.passed = True
        self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self._handle.cancel()
        if not self.passed:
            return False
        return self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError
