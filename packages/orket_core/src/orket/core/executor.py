"""The seam that every call passes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from copy import copy, deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

from orket.core.arguments import decoded
from orket.core.calls import CallContext, CallRecord, Status, ToolResult, new_call_id
from orket.core.contain import contained, describe
from orket.core.deadline import Deadline, UnderWay
from orket.core.defaults import Inline
from orket.core.errors import JournalError, ToolError
from orket.core.hookspecs import CallAbandoned, CallEnded, CallRefused
from orket.core.limits import Admission, Brake, Busy, Limits, OverBudget
from orket.core.observers import Relay
from orket.core.outcomes import cut_short, failed, gone, stopped, unusable
from orket.core.results import fitting
from orket.core.whole import keep_whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import TypeAlias

    from orket.core.hookspecs import ToolRunner
    from orket.core.journal import Journal
    from orket.core.limits import Claim
    from orket.core.tools import Tool

    Approve: TypeAlias = Callable[[CallRecord, Tool], Awaitable[bool]]

__all__ = ["ToolRuntimeExecutor"]


class ToolRuntimeExecutor:
    """Runs calls, each through the same steps whatever the tool, the strategy and the runner are.

    Arguments, brake, limits, approval, journal, run, check and cap of the result, journal, observers. What a tool
    does wrong becomes a ``ToolResult``; only the caller's own cancellation and a keyboard interrupt are raised.
    """

    def __init__(
        self,
        runner: ToolRunner | None = None,
        *,
        journal: Journal | None = None,
        observers: Iterable[object] = (),
        limits: Limits | None = None,
        brake: Brake | None = None,
        approve: Approve | None = None,
    ) -> None:
        """Put the seam together.

        Args:
            runner: where calls run; in this process when left out.
            journal: where calls are recorded; nowhere when left out.
            observers: objects with hookimpls of ``Observer``.
            limits: what holds for tools that say nothing of their own; a deadline of 60 seconds among it.
            brake: the effects that calls may have; all of them when left out.
            approve: asked before each call of a tool that needs approval; without it such calls do not run.
        """
        self.runner: ToolRunner = Inline() if runner is None else runner
        self.journal = journal
        self.limits = Limits() if limits is None else limits
        self.brake = Brake() if brake is None else brake
        self.relay = Relay(observers)
        self._approve = approve
        self._admission = Admission(
            self.limits.concurrency, self.limits.session_concurrency, self.limits.queue
        )
        self._under_way = UnderWay()
        self._unrecorded = journal is None and not self.relay.watched
        # With nothing to wait for, to ask, to record and to time, a call goes straight from its check to its tool.
        self._direct = self._unrecorded and not self.limits.counted and self.limits.timeout == math.inf

    def scoped(self, runner: ToolRunner) -> ToolRuntimeExecutor:
        """A seam with a runner and a brake of its own; all else is shared, and this one's brake holds there too."""
        scope = copy(self)
        scope.runner = runner
        scope.brake = Brake(parent=self.brake)
        return scope

    def close(self) -> None:
        """End the calls that are under way, and begin no other; ``ended`` waits until they are recorded."""
        self._under_way.close()

    async def ended(self) -> None:
        """Wait, at most 2 seconds, until the calls that ``close`` ended are over and recorded."""
        await self._under_way.ended()

    async def invoke(
        self, tool: Tool, arguments: str | Mapping[str, object], context: CallContext | None = None
    ) -> ToolResult:
        """Run one call.

        Args:
            tool: what is called.
            arguments: by name, or as the JSON text of an object.
            context: what the call may know. A ``call_id`` is minted for a context that has none.
        """
        if context is None or not context.call_id:
            context = _identified(context)
        given: Mapping[str, object] = {}
        values: Mapping[str, object] | None = None
        with contained() as guard:
            given = decoded(arguments) if isinstance(arguments, str) else arguments
            values = tool.arguments.validate(given)
            if (
                self._direct
                and context.files is None
                and not tool.guarded
                and tool.effects <= self.brake.allowed
            ):
                context.max_output = most = self._max_output(tool)
                return _gave(tool, await self.runner.run(tool, values, context), context, most)
        if values is None:
            return self.refuse(tool.name, given, context, *unusable(tool, guard.error))
        if guard.error is not None:
            return failed(tool, context, guard.error)
        if not tool.effects <= self.brake.allowed:
            return self.refuse(tool.name, given, context, *self._forbidden(tool))
        place = self._admission.at_once(tool)
        if place is not None:
            with place:
                return await self._begun(tool, given, values, context)
        if tool.limited or tool.approval or self.limits.counted:
            return await self._admitted(tool, given, values, context)
        return await self._begun(tool, given, values, context)

    def refuse(
        self, name: str, arguments: Mapping[str, object], context: CallContext, status: Status, error: str
    ) -> ToolResult:
        """The result of a call that a check stopped. Observers are told; nothing ran, so nothing is journalled."""
        result = stopped(status, name, context, error)
        if self.relay.watched:
            self.relay.tell("call_finished", call=CallRecord.of(name, arguments, context), result=result)
        return result

    async def _admitted(
        self, tool: Tool, given: Mapping[str, object], values: Mapping[str, object], context: CallContext
    ) -> ToolResult:
        """Run a call that is counted. What ends before it begins is not: it used nothing."""
        try:
            with self._admission.count(tool, context.session_id) as claim:
                return await self._claimed(claim, tool, given, values, context)
        except Busy as busy:
            return self.refuse(tool.name, given, context, "busy", str(busy))
        except OverBudget as spent:
            return self.refuse(tool.name, given, context, "denied", str(spent))

    async def _claimed(
        self,
        claim: Claim,
        tool: Tool,
        given: Mapping[str, object],
        values: Mapping[str, object],
        context: CallContext,
    ) -> ToolResult:
        """Run a call that is approved if need be, and holds its places: nobody waits while a person thinks."""
        if tool.approval and (refusal := await self._unapproved(tool, given, context)) is not None:
            return self.refuse(tool.name, given, context, *refusal)
        seconds = self.limits.timeout if tool.timeout is None else tool.timeout
        with await self._admission.enter(tool, claim, seconds):
            if not tool.effects <= self.brake.allowed:  # it may have been drawn while the call was waiting
                return self.refuse(tool.name, given, context, *self._forbidden(tool))
            claim.began = True
            result = await self._begun(tool, given, values, context)
            claim.began = result.status not in ("busy", "denied")  # by the journal or by the runner
            return result

    async def _begun(
        self, tool: Tool, given: Mapping[str, object], values: Mapping[str, object], context: CallContext
    ) -> ToolResult:
        """Run a call that no check stopped; it is under way until its end is recorded."""
        self._under_way[context.call_id] = None
        try:
            if self._unrecorded:
                return await self._run(tool, values, context)
            return await self._recorded(tool, given, values, context)
        finally:
            self._under_way.pop(context.call_id, None)

    async def _recorded(
        self, tool: Tool, given: Mapping[str, object], values: Mapping[str, object], context: CallContext
    ) -> ToolResult:
        """Run a call between the two entries of the journal."""
        record = CallRecord.of(tool.name, given, context)
        result: ToolResult | None = None
        try:
            if self.journal is not None:
                with contained() as guard:
                    await self.journal.begin(record)
                if guard.error is not None:
                    return self.refuse(tool.name, given, context, "denied", _told(guard.error))
            if self.relay.watched:
                self.relay.tell("call_started", call=record)
            result = await self._run(tool, values, context)
            await self._ended(record, result)
        except asyncio.CancelledError as cancelled:
            # Where one of the journal's own steps was cut off, it may or may not have been taken.
            result = result or gone(tool, context, cancelled.__cause__)
            await self._ended(record, result)
            raise
        else:
            return result
        finally:
            if result is not None and self.relay.watched:
                self.relay.tell("call_finished", call=record, result=result)

    async def _unapproved(
        self, tool: Tool, given: Mapping[str, object], context: CallContext
    ) -> tuple[Status, str] | None:
        """Why a call that needs a person's word may not run, or ``None`` where it may."""
        if self._approve is None:
            nobody = f"a person has to agree to each call of '{tool.name}', and nobody was there to ask"
            return "needs-approval", nobody
        agreed = False
        with contained() as guard:
            agreed = await self._approve(CallRecord.of(tool.name, given, context), tool) is True
        if guard.error is not None:
            return "denied", f"approval could not be asked for: {describe(guard.error)}"
        return None if agreed else ("denied", f"this call of '{tool.name}' was not approved")

    def _forbidden(self, tool: Tool) -> tuple[Status, str]:
        beyond = ", ".join(sorted(tool.effects - self.brake.allowed))
        allowed = ", ".join(sorted(self.brake.allowed)) or "nothing"
        return "forbidden-effect", f"'{tool.name}' may {beyond}, and calls are restricted to {allowed} now"

    async def _ended(self, record: CallRecord, result: ToolResult) -> None:
        if self.journal is None:
            return
        with contained() as guard:
            await self.journal.end(record, result)
        if guard.error is not None:
            # The intent stands without an outcome, which reads as unknown-outcome.
            import logging

            logger, told = logging.getLogger("orket.journal"), describe(guard.error)
            logger.error("no outcome recorded for %s: %s", record.call_id, told)

    async def _run(self, tool: Tool, values: Mapping[str, object], context: CallContext) -> ToolResult:
        """Run a call inside its deadline, and judge what came of it."""
        guard, result = contained(), None
        run = self._retrying if tool.retry and tool.idempotent else self.runner.run
        seconds = self.limits.timeout if tool.timeout is None else tool.timeout
        context.max_output = most = self._max_output(tool)
        with Deadline(seconds) as deadline, guard:
            self._under_way[context.call_id] = deadline
            if self._under_way.closed:
                raise CallRefused("the runtime was closed")
            context.deadline = deadline.at if seconds < math.inf else None
            result = _gave(tool, await run(tool, values, context), context, most)
        if deadline.passed and result is None and not isinstance(guard.error, CallEnded):
            return cut_short(tool, context, guard.error, None if self._under_way.closed else seconds)
        if result is None:
            return failed(tool, context, guard.error)
        if result.whole is not None and context.files is not None:
            await keep_whole(result, result.whole, context.files)
        return result

    async def _retrying(self, tool: Tool, values: Mapping[str, object], context: CallContext) -> object:
        import stamina

        tries = tool.retry + 1
        async for attempt in stamina.retry_context(on=_is_worth_a_retry, attempts=tries, timeout=None):
            with attempt:  # a tool may change what it is given, and the next try is to be the same call
                return await self.runner.run(tool, deepcopy(values), context)
        raise AssertionError("the last attempt returns or raises")

    def _max_output(self, tool: Tool) -> int:
        return self.limits.max_output if tool.max_output is None else tool.max_output


def _identified(context: CallContext | None) -> CallContext:
    call_id = new_call_id()
    return CallContext(call_id=call_id) if context is None else replace(context, call_id=call_id)


def _gave(tool: Tool, value: object, context: CallContext, most: int) -> ToolResult:
    kept_as = "" if context.files is None else context.call_id
    value, whole = fitting(value, most, kept_as)
    return ToolResult("ok", tool.name, value, "", context.call_id, context.model_call_id, whole)


def _told(error: BaseException) -> str:
    """What is said of a call that the journal did not begin."""
    told = error.diagnostic.message if isinstance(error, JournalError) else describe(error)
    return f"the call did not run, because it could not be recorded first: {told}"


def _is_worth_a_retry(error: BaseException) -> bool:
    """A tool that failed on purpose, or that never began, would only say the same again; who goes away means it."""
    return isinstance(error, Exception) and not isinstance(error, ToolError | CallAbandoned | CallRefused)
