"""The law that calls can be stopped, and that what is said of a stopped call is true."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from orket.testkit.laws.faults import answer, reading, wait, wait_later, writing
from orket.testkit.laws.running import at_work, benches, there

if TYPE_CHECKING:
    from orket.core import Tool
    from orket.testkit.laws.running import Bench
    from orket.testkit.subject import Plan, Subject

__all__ = ["cancels"]

_DEADLINE = 0.1
_AFTER = 0.2
"""Seconds in which a tool that goes on after all is seen to, once another one beside it has come to its end."""


def cancels(subject: Subject, plan: Plan) -> None:
    """Stop calls of sync and async tools, that read and that write, by their deadline and by their caller."""
    for bench in benches(subject, plan):
        for place, function in enumerate((wait_later, wait)):
            for made in (reading, writing):
                name = f"{made.__name__}-{place}"
                tool = made(function)
                at_work(bench, _left(bench, tool, f"left-{name}"), plan.seconds / 2)
                at_work(bench, _late(bench, tool, f"late-{name}"), plan.seconds / 2)
            tool = reading(function)
            at_work(bench, _beside(bench, tool, f"one-{place}"), plan.seconds / 2)


async def _left(bench: Bench, tool: Tool, name: str) -> None:
    """The caller goes away in the middle of a call."""
    call = asyncio.create_task(bench.executor.invoke(tool, {"name": name}, bench.context()))
    await _begun(bench, name)
    call.cancel()
    done, _ = await asyncio.wait([call], timeout=bench.soon)
    where = {"tool": tool.name, "stopped": "by its caller"}
    if not done:
        _go(bench, name)
        raise bench.broken(
            f"a call of '{tool.name}' went on for {bench.soon:g} seconds after its caller went away",
            "the call ends at once, as cancelled",
            **where,
        )
    if not call.cancelled():
        told = f"raised {call.exception()!r}" if call.exception() else f"gave '{call.result().status}'"
        raise bench.broken(
            f"a call of '{tool.name}' {told} after its caller went away",
            "the caller's CancelledError",
            **where,
        )
    recorded = [result.status for record, result in bench.journal.ended if record.arguments == {"name": name}]
    await _truthful(bench, tool, name, recorded[-1] if recorded else "", where)


async def _late(bench: Bench, tool: Tool, name: str) -> None:
    """The deadline of a call passes."""
    short = tool.with_(timeout=_DEADLINE)
    call = asyncio.create_task(bench.executor.invoke(short, {"name": name}, bench.context()))
    done, _ = await asyncio.wait([call], timeout=bench.soon)
    where = {"tool": tool.name, "stopped": "by its deadline"}
    expected = "timeout" if tool.read_only else "timeout' or 'unknown-outcome"
    if not done or call.result().status not in expected:
        told = f"came out as '{call.result().status}'" if done else f"went on for {bench.soon:g} seconds"
        _go(bench, name)
        raise bench.broken(
            f"a call of '{tool.name}' with a deadline of {_DEADLINE:g} seconds {told}",
            f"'{expected}'",
            **where,
        )
    await _truthful(bench, tool, name, call.result().status, where)


async def _beside(bench: Bench, tool: Tool, name: str) -> None:
    """Of two calls under way, one is stopped."""
    other = f"other-{name}"
    calls = [
        asyncio.create_task(bench.executor.invoke(tool, {"name": each}, bench.context()))
        for each in (name, other)
    ]
    await _begun(bench, name)
    await _begun(bench, other)
    calls[0].cancel()
    await asyncio.wait([calls[0]], timeout=bench.soon)
    _go(bench, name)
    _go(bench, other)
    await asyncio.wait([calls[1]], timeout=bench.soon)
    kept = calls[1].done() and not calls[1].cancelled() and calls[1].result().value == other
    if not kept:
        raise bench.broken(
            f"a call of '{tool.name}' did not come to its end after another one was stopped",
            "the calls beside a stopped one go on",
            tool=tool.name,
            stopped="the other one",
        )


async def _truthful(bench: Bench, tool: Tool, name: str, status: str, where: dict[str, str]) -> None:
    """A writer of which it is said that it ended must not write any more; and later calls are as good as ever."""
    over = not tool.read_only and status != "unknown-outcome"
    if over:  # how long it would take, the machine being as busy as it is, another call shows
        await _ended_beside(bench, tool, name)
    _go(bench, name)
    if over and await there(bench, f"{name}.done", _AFTER):
        raise bench.broken(
            f"a call of '{tool.name}' was stopped and said to be over ('{status}'), and went on to write",
            "a stopped call does nothing more, or raises CallAbandoned, which makes it 'unknown-outcome'",
            **where,
        )
    after = await bench.executor.invoke(reading(answer), {}, bench.context())
    if (after.status, after.value) != ("ok", "still here"):
        raise bench.broken(
            f"the next call came out as '{after.status}': {after.error}",
            "later calls are as good as ever",
            **where,
        )


async def _ended_beside(bench: Bench, tool: Tool, name: str) -> None:
    """Let a stopped call go, and with it another call of the same tool, until that one has ended."""
    beside = f"beside-{name}"
    call = asyncio.create_task(bench.executor.invoke(tool, {"name": beside}, bench.context()))
    await _begun(bench, beside)
    _go(bench, name)
    _go(bench, beside)
    await asyncio.wait([call], timeout=bench.soon)


async def _begun(bench: Bench, name: str) -> None:
    if not await there(bench, f"{name}.begun", bench.soon):
        raise bench.broken(
            f"a call did not begin within {bench.soon:g} seconds", "calls begin, also beside another one"
        )


def _go(bench: Bench, name: str) -> None:
    bench.workspace.write_text(f"{name}.go", "")
