"""The record of calls: intent before, outcome after."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orket.core.calls import CallRecord, ToolResult

__all__ = ["Journal", "MemoryJournal"]


class Journal(Protocol):
    """Where calls are recorded. A call whose intent cannot be recorded does not run."""

    async def begin(self, call: CallRecord) -> None:
        """Record the intent. Returning means that it is recorded as durably as this journal promises.

        Raises:
            JournalError: it is not recorded; the call will not run.
        """
        ...

    async def end(self, call: CallRecord, result: ToolResult) -> None:
        """Record what came of a call that was begun.

        Where the caller goes away during ``begin`` or ``end``, this is called after it: whether what was cut off
        is recorded, and recorded once, only the journal can tell.
        """
        ...


class MemoryJournal:
    """The calls of this process, the newest ``limit`` of those that ended. Nothing outlives the process.

    Of a result it keeps what the model was told: a ``whole`` may be of any length, and a ``cause`` holds on to all
    that its tool worked with.
    """

    def __init__(self, limit: int = 10_000) -> None:
        self._open: dict[str, CallRecord] = {}
        self._ended: deque[tuple[CallRecord, ToolResult]] = deque(maxlen=limit)

    @property
    def unfinished(self) -> Sequence[CallRecord]:
        """Calls whose intent is recorded and whose outcome is not."""
        return tuple(self._open.values())

    @property
    def ended(self) -> Sequence[tuple[CallRecord, ToolResult]]:
        """Calls with their results, oldest first."""
        return tuple(self._ended)

    async def begin(self, call: CallRecord) -> None:
        self._open[call.call_id] = call

    async def end(self, call: CallRecord, result: ToolResult) -> None:
        self._open.pop(call.call_id, None)
        if result.whole is not None or result.cause is not None:
            result = replace(result, whole=None, cause=None)
        self._ended.append((call, result))
