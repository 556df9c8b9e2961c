"""The contracts of nodes and observers. Each is one Protocol that is also its pluggy specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pluggy import HookimplMarker, HookspecMarker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from orket.core.calls import CallContext, CallRecord, Status, ToolResult, TurnContext
    from orket.core.tools import Tool
    from orket.core.toolset import Toolset

__all__ = [
    "CallAbandoned",
    "CallDenied",
    "CallEnded",
    "CallKilled",
    "CallRefused",
    "Observer",
    "ToolRunner",
    "ToolStrategy",
    "hookimpl",
]

hookspec = HookspecMarker("orket")
hookimpl = HookimplMarker("orket")
"""Marks a method of a node or an observer as the implementation of its contract."""


class ToolStrategy(Protocol):
    """Which of an application's tools an agent gets for one turn."""

    @hookspec(firstresult=True)
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        """Choose: a pure function, the same answer for the same toolset and context.

        Args:
            toolset: every tool of the application.
            context: the session, roles and model the offer is for.

        Returns:
            Tools that descend from ``toolset`` or are named in the node's ``provides``, none of them with wider
            effects, a longer timeout, less approval or a looser limit. Anything else means no tools that turn.
        """
        ...


class ToolRunner(Protocol):
    """Where a call physically runs."""

    @hookspec(firstresult=True)
    def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> Awaitable[object]:
        """Run one call whose arguments are validated; awaited, it gives what the tool returns.

        Usually an ``async def``. It is cancelled when the call's deadline passes or its caller goes away.

        Raises:
            CallAbandoned: it was cancelled, and the tool may still be running.
            CallKilled: it was cancelled, and ended the tool in the middle.
            CallEnded: the tool ended in a way that only the runner can tell, for example with its process.
            CallRefused: it did not begin the call, because there is no room for it.
            CallDenied: it did not begin the call, because it may not run it.
        """
        ...


class Observer(Protocol):
    """Watches; what it returns or raises changes nothing. Each method is optional and must be quick."""

    @hookspec
    def turn_composed(self, toolset: Toolset, context: TurnContext, node: str) -> None:
        """A turn's offer was composed by the strategy of identity ``node``."""

    @hookspec
    def call_started(self, call: CallRecord) -> None:
        """A call passed every check, was recorded, and is about to run."""

    @hookspec
    def call_finished(self, call: CallRecord, result: ToolResult) -> None:
        """A call has its result: it ran, or a check refused it."""


class CallAbandoned(Exception):  # noqa: N818 - an outcome, not an error of the runner
    """A runner let go of a call that may still be running."""


class CallKilled(CallAbandoned):
    """A runner ended a call in the middle: nothing of it runs any more, and what it changed is not known."""


class CallEnded(Exception):  # noqa: N818 - an outcome, not an error of the runner
    """A call ended as its runner says; the text is for the model, and what only the application may see is a note."""

    def __init__(self, status: Status, text: str) -> None:
        super().__init__(text)
        self.status: Status = status


class CallRefused(Exception):  # noqa: N818 - an outcome, not an error of the runner
    """A runner had no room for a call and did not begin it; the text says why."""


class CallDenied(CallRefused):
    """A runner may not run this call, now or later; the text says why."""
