"""The steps of a call in their order: arguments, brake, limits, approval, journal, run, journal, observers."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from orket.core import (
    CallContext,
    CallRecord,
    Effect,
    JournalError,
    MemoryJournal,
    Tool,
    ToolResult,
    ToolRuntimeExecutor,
    hookimpl,
    tool,
)
from orket.core.errors import Diagnostic
from orket.core.limits import Brake, Limits


def made(function: Callable[..., object], **policies: Any) -> Tool:
    """The function as a tool that reads, unless it says otherwise."""
    effects = policies.pop("effects", [Effect.READ])
    return tool(name="t", effects=effects, **policies)(function)


async def invoke(function: Callable[..., object], **policies: Any) -> ToolResult:
    """What becomes of one call of ``function`` as a tool."""
    return await ToolRuntimeExecutor().invoke(made(function, **policies), {})


class Told:
    """Notes what the steps that can be watched were asked, in order; each may be told to stand in the way."""

    def __init__(self, *, agree: object = True, begin: BaseException | None = None) -> None:
        self.steps: list[str] = []
        self.results: list[ToolResult] = []
        self._agree = agree
        self._begin = begin

    async def approve(self, call: CallRecord, asked: Tool) -> bool:
        self.steps.append("approval")
        if isinstance(self._agree, BaseException):
            raise self._agree
        return cast("bool", self._agree)  # also what an application should not answer

    async def begin(self, call: CallRecord) -> None:
        self.steps.append("begin")
        if self._begin is not None:
            raise self._begin

    async def end(self, call: CallRecord, result: ToolResult) -> None:
        self.steps.append("end")
        self.results.append(result)

    @hookimpl
    def call_started(self, call: CallRecord) -> None:
        self.steps.append("started")

    @hookimpl
    def call_finished(self, call: CallRecord, result: ToolResult) -> None:
        self.steps.append("finished")

    async def run(self, path: str) -> object:
        self.steps.append("run")
        return {"path": {path}} if path == "bad" else path


def watched(told: Told, **parts: Any) -> ToolRuntimeExecutor:
    return ToolRuntimeExecutor(journal=told, observers=[told], approve=told.approve, **parts)


def guarded(told: Told, **policies: Any) -> Tool:
    return made(
        told.run, **{"approval": True, "budget": 1, "effects": [Effect.READ, Effect.WRITE], **policies}
    )


async def test_the_steps_of_a_call_in_their_order() -> None:
    told = Told()
    result = await watched(told).invoke(guarded(told), {"path": "a"})

    assert result.ok
    assert told.steps == ["approval", "begin", "started", "run", "end", "finished"]


async def test_the_result_is_judged_before_the_journal_ends() -> None:
    told = Told()
    await watched(told).invoke(guarded(told), {"path": "bad"})

    assert [result.status for result in told.results] == ["bad-result"]


async def stopped(told: Told, executor: ToolRuntimeExecutor, arguments: Any, **policies: Any) -> list[str]:
    """The status of a call that stands at a step, and the steps it passed."""
    result = await executor.invoke(guarded(told, **policies), arguments)
    return [result.status, *told.steps]


async def test_arguments_come_before_the_brake() -> None:
    told = Told(agree=False)
    executor = watched(told, brake=Brake([Effect.READ]))

    assert await stopped(told, executor, {}, budget=0) == ["invalid-arguments", "finished"]


async def test_the_brake_comes_before_the_limits() -> None:
    told = Told(agree=False)
    executor = watched(told, brake=Brake([Effect.READ]))

    assert await stopped(told, executor, {"path": "a"}, budget=0) == ["forbidden-effect", "finished"]


async def test_the_limits_come_before_the_approval() -> None:
    told = Told(agree=False)

    assert await stopped(told, watched(told), {"path": "a"}, budget=0) == ["denied", "finished"]
    told = Told(agree=False)
    assert await stopped(told, watched(told), {"path": "a"}, rate=0) == ["busy", "finished"]


async def test_the_approval_comes_before_the_journal() -> None:
    told = Told(agree=False, begin=JournalError(Diagnostic("full", "The disk is full.")))

    assert await stopped(told, watched(told), {"path": "a"}) == ["denied", "approval", "finished"]


async def test_the_journal_comes_before_the_run() -> None:
    told = Told(begin=JournalError(Diagnostic("full", "The disk is full.")))

    assert await stopped(told, watched(told), {"path": "a"}) == ["denied", "approval", "begin", "finished"]


async def test_a_brake_tells_what_the_call_would_do_and_what_is_left() -> None:
    for allowed, left in (
        ([Effect.READ], "read"),
        ([], "nothing"),
        ([Effect.READ, Effect.NETWORK], "network, read"),
    ):
        executor = ToolRuntimeExecutor(brake=Brake(allowed))
        result = await executor.invoke(made(lambda: None, effects=[Effect.WRITE, Effect.EXECUTE]), {})
        assert (result.status, result.error) == (
            "forbidden-effect",
            f"'t' may execute, write, and calls are restricted to {left} now",
        )


async def test_a_brake_drawn_while_a_person_thinks_stops_the_call() -> None:
    executor: ToolRuntimeExecutor

    async def approve(call: CallRecord, asked: Tool) -> bool:
        executor.brake.restrict([Effect.READ])
        return True

    executor = ToolRuntimeExecutor(approve=approve)
    result = await executor.invoke(made(lambda: None, effects=[Effect.WRITE], approval=True), {})
    assert result.status == "forbidden-effect"


async def test_a_brake_drawn_while_a_call_waits_for_its_place_stops_it() -> None:
    executor, leave = ToolRuntimeExecutor(limits=Limits(concurrency=1)), asyncio.Event()
    first = asyncio.create_task(executor.invoke(made(leave.wait, effects=[Effect.WRITE]), {}))
    await asyncio.sleep(0)
    second = asyncio.create_task(executor.invoke(made(leave.wait, effects=[Effect.WRITE]), {}))
    await asyncio.sleep(0)

    executor.brake.restrict([Effect.READ])
    leave.set()
    assert ((await first).status, (await second).status) == ("ok", "forbidden-effect")


async def test_without_anybody_to_ask_a_call_needs_approval() -> None:
    result = await invoke(lambda: None, approval=True)

    assert (result.status, result.error) == (
        "needs-approval",
        "a person has to agree to each call of 't', and nobody was there to ask",
    )


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (False, "this call of 't' was not approved"),
        (None, "this call of 't' was not approved"),
        ("yes", "this call of 't' was not approved"),
        (
            ConnectionError("nobody at the desk"),
            "approval could not be asked for: ConnectionError: nobody at the desk",
        ),
    ],
    ids=["no", "nothing", "text", "error"],
)
async def test_anything_but_a_plain_yes_is_a_no(answer: object, error: str) -> None:
    told = Told(agree=answer)
    result = await watched(told).invoke(guarded(told), {"path": "a"})

    assert (result.status, result.error) == ("denied", error)
    assert "run" not in told.steps


@pytest.mark.parametrize(
    ("error", "told_model"),
    [
        (JournalError(Diagnostic("full", "The disk is full.")), "The disk is full."),
        (
            OSError(28, "No space left on device", "/var/lib/orket.db"),
            "OSError: [Errno 28] No space left on device: '<path>'",
        ),
    ],
    ids=["refused", "broken"],
)
async def test_a_call_that_cannot_be_recorded_first_does_not_run(
    error: BaseException, told_model: str
) -> None:
    told = Told(begin=error)
    result = await watched(told).invoke(guarded(told), {"path": "a"})

    assert (result.status, result.error) == (
        "denied",
        f"the call did not run, because it could not be recorded first: {told_model}",
    )
    assert "run" not in told.steps


async def test_a_call_whose_outcome_cannot_be_recorded_keeps_its_result(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Forgetful(MemoryJournal):
        async def end(self, call: CallRecord, result: ToolResult) -> None:
            raise OSError("full")

    journal = Forgetful()
    result = await ToolRuntimeExecutor(journal=journal).invoke(made(lambda: "content"), {})

    assert result.value == "content"
    assert [record.call_id for record in journal.unfinished] == [result.call_id]
    assert caplog.record_tuples == [
        ("orket.journal", logging.ERROR, f"no outcome recorded for {result.call_id}: OSError: full")
    ]


def greet(name: str) -> str:
    return f"hello {name}"


async def test_the_journal_knows_what_was_asked_by_whom_and_what_came_of_it() -> None:
    journal = MemoryJournal()
    context = CallContext(
        session_id="s1", turn=3, call_id="call-1", model_call_id="toolu_1", node="n", offer="sha256:0"
    )
    result = await ToolRuntimeExecutor(journal=journal).invoke(made(greet), '{"name": "me"}', context)

    ((record, recorded),) = journal.ended
    assert recorded is result
    assert (record.tool, record.arguments, record.started > 0) == ("t", {"name": "me"}, True)
    assert (record.call_id, record.model_call_id, record.session_id) == ("call-1", "toolu_1", "s1")
    assert (record.turn, record.node, record.offer) == (3, "n", "sha256:0")
    assert journal.unfinished == ()


async def test_a_memory_journal_keeps_the_newest_calls() -> None:
    executor = ToolRuntimeExecutor(journal=(journal := MemoryJournal(limit=2)))
    ids = [(await executor.invoke(made(lambda: None), {})).call_id for _ in range(3)]

    assert [record.call_id for record, _ in journal.ended] == ids[1:]


async def test_a_memory_journal_keeps_no_long_text_and_nothing_that_a_tool_worked_with() -> None:
    def fail() -> None:
        raise ValueError("no such row")

    executor = ToolRuntimeExecutor(journal=(journal := MemoryJournal()))
    long = await executor.invoke(made(lambda: "x" * 1_000, max_output=200), {})
    failed = await executor.invoke(made(fail), {})

    assert (long.whole, isinstance(failed.cause, ValueError)) == ("x" * 1_000, True)
    assert [(kept.value, kept.error, kept.whole, kept.cause) for _, kept in journal.ended] == [
        (long.value, "", None, None),
        (None, "ValueError: no such row", None, None),
    ]


async def test_while_a_person_thinks_other_calls_have_the_places() -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def approve(call: CallRecord, asked_for: Tool) -> bool:
        asked.set()
        await answer.wait()
        return True

    executor = ToolRuntimeExecutor(limits=Limits(concurrency=1), approve=approve)
    waiting = asyncio.create_task(executor.invoke(made(lambda: "approved", approval=True), {}))
    await asked.wait()

    assert (await executor.invoke(made(lambda: "other"), {})).value == "other"
    answer.set()
    assert (await waiting).value == "approved"


async def test_nobody_is_asked_about_a_call_that_is_over_its_budget() -> None:
    told = Told()
    executor = ToolRuntimeExecutor(approve=told.approve)
    limited = made(lambda: "x", approval=True, budget=1)

    statuses = [(await executor.invoke(limited, {})).status for _ in range(2)]

    assert statuses == ["ok", "denied"]
    assert told.steps == ["approval"]


@pytest.mark.parametrize(
    "limits",
    [Limits(), Limits(timeout=math.inf), Limits(timeout=math.inf, concurrency=None)],
    ids=["with a deadline", "without one", "without any limit"],
)
async def test_a_tool_is_told_how_much_it_may_give(limits: Limits) -> None:
    def told(ctx: CallContext) -> int:
        return ctx.max_output

    executor = ToolRuntimeExecutor(limits=replace(limits, max_output=123))

    assert (await executor.invoke(made(told), {})).value == 123
    assert (await executor.invoke(made(told, max_output=45), {})).value == 45
