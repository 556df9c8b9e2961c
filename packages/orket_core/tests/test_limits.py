"""How much may happen: budgets and rates."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import pytest

from orket.core import Tool, tool
from orket.core.limits import Admission, Busy, Limits, OverBudget

PATIENCE = 20.0  # far longer than anything here takes


def limited(**policies: Any) -> Tool:
    return tool(name="t", **policies)(lambda: None)


async def enter(
    admission: Admission, made: Tool, session: str | None = None, patience: float = PATIENCE
) -> AbstractContextManager[object]:
    return await asyncio.wait_for(admission.enter(made, admission.count(made, session), patience), PATIENCE)


def test_without_a_word_there_is_a_deadline_of_a_minute_and_room_for_sixteen() -> None:
    assert Limits() == Limits(timeout=60.0, max_output=65_536, concurrency=16)


async def test_a_session_has_its_budget_and_no_more() -> None:
    admission, made = Admission(None), limited(budget=2)

    for _ in range(2):
        with await enter(admission, made, "s1"):
            pass
    with pytest.raises(OverBudget) as caught:
        await enter(admission, made, "s1")
    assert str(caught.value) == "this session has used its 2 calls of 't'"


async def test_each_session_has_a_budget_of_its_own_and_so_have_calls_outside_of_sessions() -> None:
    admission, made = Admission(None), limited(budget=1)

    for session in ("s1", "s2", None):
        await enter(admission, made, session)
    for session in ("s1", "s2", None):
        with pytest.raises(OverBudget):
            await enter(admission, made, session)


async def test_the_changed_copies_of_a_tool_spend_one_budget() -> None:
    admission, made = Admission(None), limited(budget=2)

    await enter(admission, made)
    await enter(admission, made.with_(name="other"))
    with pytest.raises(OverBudget):
        await enter(admission, made.with_(timeout=1))
    await enter(admission, limited(budget=2))


async def test_tasks_that_call_at_once_spend_no_more_than_the_budget() -> None:
    admission, made = Admission(3), limited(budget=7)

    async def call() -> None:
        with await enter(admission, made):
            await asyncio.sleep(0)

    outcomes = await asyncio.gather(*(call() for _ in range(50)), return_exceptions=True)
    assert [type(one) for one in outcomes if one is not None] == [OverBudget] * 43


class SlowlyCompared(int):
    """A number that lets other threads run while it is compared."""

    def __le__(self, other: int) -> bool:
        time.sleep(0.001)
        return int(self) <= other


def test_threads_that_call_at_once_spend_no_more_than_the_budget() -> None:
    admission, made = Admission(None), limited(budget=SlowlyCompared(10))
    start, admitted = threading.Barrier(8), list[str]()

    def work() -> None:
        async def calls() -> None:
            start.wait(PATIENCE)
            for _ in range(4):
                with contextlib.suppress(OverBudget):
                    await admission.enter(made, admission.count(made, "s"), math.inf)
                    admitted.append("s")

        asyncio.run(calls())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(admitted) == 10


async def test_a_rate_counts_the_calls_begun_within_the_last_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr("orket.core.limits.time", SimpleNamespace(monotonic=lambda: now[0]))
    admission, made = Admission(None), limited(rate=2)

    await enter(admission, made, "s1")
    now[0] += 20
    await enter(admission, made, "s2")
    with pytest.raises(Busy) as caught:
        await enter(admission, made, "s3")
    assert str(caught.value) == "'t' may begin 2 calls a minute; the next one in 40 seconds"

    now[0] += 40
    await enter(admission, made, "s3")
    with pytest.raises(Busy, match="the next one in 20 seconds"):
        await enter(admission, made, "s1")


async def test_a_call_that_is_refused_by_the_rate_leaves_the_budget_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr("orket.core.limits.time", SimpleNamespace(monotonic=lambda: now[0]))
    admission, made = Admission(None), limited(rate=1, budget=2)

    await enter(admission, made)
    with pytest.raises(Busy):
        await enter(admission, made)
    now[0] += 60
    await enter(admission, made)
