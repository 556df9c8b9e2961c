"""The nodes that core ships. They are found through entry points, like a stranger's."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import cached_property
from typing import TYPE_CHECKING, cast

from orket.core.hookspecs import CallDenied, hookimpl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.core.calls import CallContext, TurnContext
    from orket.core.threads import Threads
    from orket.core.tools import Tool
    from orket.core.toolset import Toolset

__all__ = ["Default", "Inline"]


class Default:
    """Offer every tool of the application."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset


class Inline:
    """Run calls in the host's own process: coroutines on the caller's loop, sync functions in threads."""

    @cached_property
    def threads(self) -> Threads:
        """The threads that sync tools run in; started when the first one is called."""
        from orket.core.threads import Threads

        return Threads()

    @hookimpl
    def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> Awaitable[object]:
        if tool.confine:
            raise CallDenied(
                f"'{tool.name}' runs only where it is confined, and the inline runner confines nothing: choose a "
                f"runner that does, or list the tool under 'unconfined' in [tools]"
            )
        if (name := tool.arguments.context) is not None:
            arguments = {**arguments, name: context}
        if tool.is_async:
            return cast("Awaitable[object]", tool.function(**arguments))
        return self._in_thread(tool, arguments)

    async def _in_thread(self, tool: Tool, arguments: Mapping[str, object]) -> object:
        value = await self.threads.run(tool.function, arguments)
        return await cast("Awaitable[object]", value) if isinstance(value, Awaitable) else value

    def close(self) -> None:
        """Let the threads end. A sync tool that is called later is refused."""
        if "threads" in vars(self):
            self.threads.close()
