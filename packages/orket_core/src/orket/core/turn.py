"""One compose, frozen: the tools on offer, and the calls made under that offer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from orket.core.calls import CallContext, ToolCall, ToolResult, new_call_id
from orket.core.contain import contained, describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orket.core.calls import Status, TurnContext
    from orket.core.errors import Diagnostic
    from orket.core.executor import ToolRuntimeExecutor
    from orket.core.functions import ToolFunction
    from orket.core.portal import Portal
    from orket.core.recording import Recording
    from orket.core.toolset import Toolset
    from orket.core.workspace import Workspace

__all__ = ["Turn"]


class Turn:
    """What an agent is offered for one exchange with its model. Made by ``Runtime.turn``; it never changes."""

    def __init__(
        self,
        tools: Toolset,
        context: TurnContext,
        *,
        everything: Toolset,
        node: str,
        breach: Diagnostic | None,
        executor: ToolRuntimeExecutor,
        portal: Portal,
        workspace: Workspace,
        deps: object,
        recording: Recording | None,
    ) -> None:
        self.tools = tools
        """The offer."""
        self.context = context
        self.node = node
        """Identity of the strategy that composed the offer."""
        self.breach = breach
        """Why there are no tools, where a node could not be used or broke its contract."""
        self._everything = everything
        self._executor = executor
        self._portal = portal
        self._workspace = workspace
        self._deps = deps
        self._recording = recording

    @property
    def digest(self) -> str:
        """Digest of the offer, equal in every process that makes the same one."""
        return self.tools.digest

    def why(self, name: str) -> str:
        """Why a tool is offered or is not, in one sentence."""
        return self.tools.why(name)

    def functions(self) -> list[ToolFunction]:
        """The offer as async functions from arguments to text, for frameworks that call tools themselves."""
        from orket.core.functions import ToolFunction

        return [ToolFunction(self, tool) for tool in self.tools]

    async def call(self, call: object) -> ToolResult:
        """Run one call of the model.

        Args:
            call: a ``ToolCall``, or a call in a provider's own shape, as a mapping or as an SDK's object.
        """
        (asked,) = self._read([call])
        return await self._answer(asked)

    async def call_many(self, calls: Iterable[object]) -> list[ToolResult]:
        """Run the calls of one reply side by side; the results are in the order of the calls.

        What goes wrong with one is in its own result. As many run at once as the limits allow.
        """
        waiting = list(enumerate(self._read(calls)))[::-1]
        results: dict[int, ToolResult] = {}

        async def work() -> None:
            while waiting:
                index, asked = waiting.pop()
                results[index] = await self._answer(asked)

        workers = min(len(waiting), self._executor.limits.concurrency or len(waiting))
        if workers == 1:
            await work()
        else:
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(work())
        return [results[index] for index in range(len(results))]

    def call_sync(self, call: object) -> ToolResult:
        """``call`` for code without an event loop.

        Raises:
            RuntimeError: an event loop is running here.
        """
        return self._portal.run(lambda: self.call(call), "'await turn.call(…)'")

    def call_many_sync(self, calls: Sequence[object]) -> list[ToolResult]:
        """``call_many`` for code without an event loop.

        Raises:
            RuntimeError: an event loop is running here.
        """
        return self._portal.run(lambda: self.call_many(calls), "'await turn.call_many(…)'")

    def _read(self, calls: Iterable[object]) -> list[ToolCall | ValueError]:
        """The calls of one reply, decoded and recorded; in place of each that is none, what is wrong with it."""
        read: list[ToolCall | ValueError] = []
        for call in calls:
            if isinstance(call, ToolCall):
                read.append(call)
                continue
            with contained() as guard:
                read.append(ToolCall.decode(call))
            if (error := guard.error) is not None:
                read.append(error if isinstance(error, ValueError) else ValueError(describe(error)))
        if self._recording is not None:
            self._recording.asked([one for one in read if isinstance(one, ToolCall)], self.context, self.node)
        return read

    async def _answer(self, asked: ToolCall | ValueError) -> ToolResult:
        if isinstance(asked, ValueError):
            result = self._executor.refuse("", {}, self._context(""), "invalid-arguments", str(asked))
        elif (tool := self.tools.get(asked.name)) is not None:
            result = await self._executor.invoke(tool, asked.arguments, self._context(asked.id))
        else:
            status: Status = "not-offered" if asked.name in self._everything else "unknown-tool"
            why = self.why(asked.name)
            result = self._executor.refuse(asked.name, {}, self._context(asked.id), status, why)
        if self._recording is not None:
            self._recording.answered(result, self.context.session_id)
        return result

    def _context(self, model_call_id: str) -> CallContext:
        turn = self.context
        return CallContext(
            session_id=turn.session_id,
            roles=turn.roles,
            model=turn.model,
            turn=turn.turn,
            extra=turn.extra,
            call_id=new_call_id(),
            deps=self._deps,
            files=self._workspace,
            model_call_id=model_call_id,
            node=self.node,
            offer=self.tools.digest,
        )
