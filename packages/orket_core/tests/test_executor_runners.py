"""A runner says how a call ended that it alone saw the end of, and the seam makes the result of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from orket.core import (
    CallAbandoned,
    CallDenied,
    CallEnded,
    CallKilled,
    CallRefused,
    Effect,
    MemoryJournal,
    ToolRuntimeExecutor,
    tool,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.core import CallContext, Status, Tool


class Saying:
    """A runner that raises ``outcome``: at once, or when it is cancelled."""

    def __init__(self, outcome: Exception, *, when_cancelled: bool = False) -> None:
        self._outcome = outcome
        self._when_cancelled = when_cancelled
        self.begun = asyncio.Event()

    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        self.begun.set()
        if self._when_cancelled:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise self._outcome from None
        raise self._outcome


def called(*effects: Effect, timeout: float | None = None) -> Tool:
    @tool(name="t", effects=effects, timeout=timeout)
    def function() -> None:
        """Never run."""

    return function


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (CallEnded("crashed", "exit code 3"), "crashed"),
        (CallEnded("failed", "ValueError: no such row"), "failed"),
        (CallEnded("unknown-outcome", "the worker is gone"), "unknown-outcome"),
        (CallRefused("no worker is free"), "busy"),
        (CallDenied("nothing confines it"), "denied"),
    ],
)
async def test_what_a_runner_says_is_the_result(outcome: Exception, status: Status) -> None:
    result = await ToolRuntimeExecutor(Saying(outcome)).invoke(called(), {})

    assert (result.status, result.error) == (status, str(outcome))


async def test_what_only_the_application_may_see_stays_with_the_cause() -> None:
    outcome = CallEnded("failed", "ValueError: no such row")
    outcome.add_note("Traceback: secret")

    result = await ToolRuntimeExecutor(Saying(outcome)).invoke(called(), {})

    assert result.cause is outcome
    assert "secret" not in result.for_model()


@pytest.mark.parametrize(
    ("outcome", "effect", "status", "text"),
    [
        (CallKilled(), Effect.READ, "timeout", ""),
        (
            CallKilled(),
            Effect.WRITE,
            "unknown-outcome",
            "; it was ended in the middle, and what it changed is not known",
        ),
        (
            CallAbandoned(),
            Effect.WRITE,
            "unknown-outcome",
            "; it may still be running, and what it changed is not known",
        ),
    ],
)
async def test_past_its_deadline_a_call_is_what_its_runner_could_do_about_it(
    outcome: Exception, effect: Effect, status: Status, text: str
) -> None:
    runner = Saying(outcome, when_cancelled=True)

    result = await ToolRuntimeExecutor(runner).invoke(called(effect, timeout=0.01), {})

    assert (result.status, result.error) == (status, "'t' did not end within 0.01 seconds" + text)


@pytest.mark.parametrize(
    ("outcome", "status"), [(CallKilled(), "cancelled"), (CallAbandoned(), "unknown-outcome")]
)
async def test_a_call_whose_caller_goes_away_is_recorded_as_cancelled_only_where_it_has_ended(
    outcome: Exception, status: Status
) -> None:
    journal, runner = MemoryJournal(), Saying(outcome, when_cancelled=True)
    call = asyncio.create_task(ToolRuntimeExecutor(runner, journal=journal).invoke(called(Effect.WRITE), {}))
    await runner.begun.wait()

    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert [result.status for _, result in journal.ended] == [status]


@pytest.mark.parametrize(
    ("effect", "status", "error"),
    [
        (Effect.READ, "failed", "CallAbandoned"),
        (Effect.WRITE, "unknown-outcome", "'t' was let go, and what it changed is not known"),
    ],
)
async def test_who_lets_go_of_a_call_that_nobody_cancelled_cancels_nobody(
    effect: Effect, status: Status, error: str
) -> None:
    result = await ToolRuntimeExecutor(Saying(CallAbandoned())).invoke(called(effect), {})

    assert (result.status, result.error) == (status, error)
