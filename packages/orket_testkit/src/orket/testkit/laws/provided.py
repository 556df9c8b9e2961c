"""The law about tools that a node brings along: whatever happens in a call, it ends, and with a result."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from typing import TYPE_CHECKING, cast, get_args

from orket.core import CallContext, Status, ToolRuntimeExecutor, Workspace
from orket.core.proving import Limits, contained, describe
from orket.testkit.findings import Broken
from orket.testkit.laws.trials import trials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orket.core import CallRecord, Tool
    from orket.testkit.laws.trials import Trial
    from orket.testkit.subject import Plan, Subject

__all__ = ["calls_contained"]

_DEADLINE = 0.3
"""Seconds that a call has; what takes longer has to be stopped."""
_MIDDLE = 0.02
"""Seconds into a call at which its caller goes away."""
_EXPECTED = "a result with a promised status, or the caller's own cancellation, and soon"


def calls_contained(subject: Subject, plan: Plan) -> None:
    """Calls of provided tools end: by themselves, at their deadline, when their caller goes away."""
    for trial, tool in _provided(subject, plan):
        for arguments, cancelled in _calls(tool, plan):
            _call(trial, tool, arguments, 2 * plan.brief, cancelled=cancelled)


def _provided(subject: Subject, plan: Plan) -> Iterator[tuple[Trial, Tool]]:
    """Each provided tool, in the first circumstance that offers it."""
    seen: set[str] = set()
    names = set(subject.declared.provides)
    for trial in trials(subject, plan, "baseline") if names else ():
        for tool in trial.compose() or ():
            if tool.name in names - seen:
                seen.add(tool.name)
                yield trial, tool


def _calls(tool: Tool, plan: Plan) -> Iterator[tuple[Mapping[str, object], bool]]:
    """Arguments to call it with, and whether its caller goes away; of a trace that one call alone."""
    if plan.replay is not None and "arguments" in plan.replay:
        if tool.name == plan.replay.get("tool"):
            yield cast("Mapping[str, object]", plan.replay["arguments"]), plan.replay.get("cancelled") is True
        return
    for arguments in _arguments(tool, plan):
        yield arguments, False
        yield arguments, True


def _arguments(tool: Tool, plan: Plan) -> list[Mapping[str, object]]:
    from orket.testkit.values import examples, values

    with contained():  # whether a schema can be used is the matter of another law
        return examples(values(tool.schema, (".", "notes.txt")), min(plan.examples, 5), plan.seed)
    return []


def _call(
    trial: Trial, tool: Tool, arguments: Mapping[str, object], patience: float, *, cancelled: bool
) -> None:
    """Call a tool in a thread with a loop of its own, so that one that never gives way is noticed."""
    outcome: list[str] = []
    thread = threading.Thread(
        target=lambda: outcome.append(_outcome(tool, arguments, cancelled=cancelled)), daemon=True
    )
    thread.start()
    thread.join(patience)
    flaw = outcome[0] if outcome else "did not end, long after its deadline"
    if flaw:
        when = " after its caller went away" if cancelled else ""
        trace = {**trial.trace, "tool": tool.name, "arguments": dict(arguments), "cancelled": cancelled}
        raise Broken(f"a call of '{tool.name}'{when} {flaw}", expected=_EXPECTED, trace=trace)


def _outcome(tool: Tool, arguments: Mapping[str, object], *, cancelled: bool) -> str:
    """What is wrong with the way the call ended, or nothing."""
    flaw = ""
    with tempfile.TemporaryDirectory(prefix="orket-calls-", ignore_cleanup_errors=True) as folder:
        with contained() as guard, Workspace(folder) as workspace:
            flaw = asyncio.run(_ended(tool, arguments, workspace, cancelled=cancelled))
        if guard.error is not None:
            flaw = f"raised {describe(guard.error)}"
    return flaw


async def _ended(
    tool: Tool, arguments: Mapping[str, object], workspace: Workspace, *, cancelled: bool
) -> str:
    seconds = min(_DEADLINE, tool.timeout or _DEADLINE)
    executor = ToolRuntimeExecutor(limits=Limits(timeout=seconds), approve=_agree)
    context = CallContext(
        session_id="session-1", roles=("coder",), extra={"issue_id": "issue-1"}, files=workspace
    )
    call = asyncio.create_task(executor.invoke(tool.with_(timeout=seconds), arguments, context))
    if cancelled:
        await asyncio.sleep(_MIDDLE)
    under_way = cancelled and call.cancel()
    await asyncio.wait([call])
    if call.cancelled():
        return "" if cancelled else "was cancelled, and nobody had"
    if (error := call.exception()) is not None:
        return f"raised {describe(error)}"
    result = call.result()
    if result.status not in get_args(Status):
        return f"gave the status {result.status!r}"
    if result.status == "bad-result":
        return f"gave what cannot be a result: {result.error}"
    return f"went on, and gave '{result.status}'" if under_way else ""


async def _agree(_record: CallRecord, _tool: Tool) -> bool:
    return True
