"""How much may happen: budgets, rates, places, and the brake on effects."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import pytest

from orket.core import Effect, Tool, tool
from orket.core.limits import Admission, Brake, Busy, Limits, OverBudget

READ, WRITE, NETWORK, EXECUTE = Effect
PATIENCE = 20.0  # far longer than anything here takes


def limited(**policies: Any) -> Tool:
    return tool(name="t", **policies)(lambda: None)


async def enter(
    admission: Admission, made: Tool, session: str | None = None, patience: float = PATIENCE
) -> AbstractContextManager[object]:
    return await asyncio.wait_for(admission.enter(made, session, patience), PATIENCE)


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
                    await admission.enter(made, "s", math.inf)
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


async def most_at_once(admission: Admission, *tools: Tool) -> int:
    """How many of these calls are under way together when as many as possible are."""
    under_way = most = 0

    async def call(made: Tool) -> None:
        nonlocal under_way, most
        with await enter(admission, made):
            under_way += 1
            most = max(most, under_way)
            for _ in range(5):
                await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(call(made) for made in tools))
    return most


async def test_serial_calls_run_one_after_the_other() -> None:
    made = limited(serial=True)

    assert await most_at_once(Admission(16), *[made] * 6) == 1


async def test_a_tool_has_as_many_calls_under_way_as_its_concurrency() -> None:
    made = limited(concurrency=2)

    assert await most_at_once(Admission(16), *[made] * 6) == 2


async def test_all_tools_together_have_as_many_calls_under_way_as_the_application_allows() -> None:
    assert await most_at_once(Admission(3), *[limited() for _ in range(8)]) == 3
    assert await most_at_once(Admission(None), *[limited() for _ in range(8)]) == 8


async def test_a_flooded_tool_leaves_the_places_of_the_others_free() -> None:
    admission, flooded, other = Admission(4), limited(concurrency=1), limited()

    with await enter(admission, flooded):
        waiting = [asyncio.create_task(enter(admission, flooded)) for _ in range(10)]
        await asyncio.sleep(0)
        with await enter(admission, other, patience=0):
            pass
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_session_has_as_many_calls_under_way_as_the_application_allows() -> None:
    admission, tools = Admission(16, of_session=2), [limited() for _ in range(6)]
    assert await most_at_once(admission, *tools) == 2

    with await enter(admission, limited(), "s1"), await enter(admission, limited(), "s1"):
        with await enter(admission, limited(), "s2", patience=0):
            pass
        with pytest.raises(Busy):
            await enter(admission, limited(), "s1", patience=0.01)


async def test_a_session_that_is_over_leaves_nothing_behind() -> None:
    admission = Admission(16, of_session=2)

    with await enter(admission, limited(), "s1"):
        assert list(admission.sessions) == ["s1"]
    gc.collect()
    assert list(admission.sessions) == []


@pytest.mark.parametrize(
    ("admission", "text"),
    [
        (Admission(2, queue=3), "3 calls wait for one of 2 places already; try again later"),
        (Admission(None, of_session=1, queue=3), "3 calls wait for the only place already; try again later"),
    ],
)
async def test_where_enough_calls_wait_a_further_one_is_busy_at_once(admission: Admission, text: str) -> None:
    made = limited()

    with contextlib.ExitStack() as held:
        for _ in range(2 if "2" in text else 1):
            held.enter_context(await enter(admission, made))
        waiting = [asyncio.create_task(admission.enter(made, None, math.inf)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy) as caught:
            await enter(admission, made)
        assert str(caught.value) == text
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_line_that_is_full_for_one_tool_is_not_full_for_the_others() -> None:
    admission, flooded, other = Admission(16, queue=1), limited(serial=True), limited(serial=True)

    with await enter(admission, flooded):
        waiting = asyncio.create_task(admission.enter(flooded, None, math.inf))
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="1 calls wait for the only place already"):
            await enter(admission, flooded)
        with await enter(admission, other, patience=0):
            pass
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_call_that_finds_no_place_in_time_is_busy() -> None:
    admission, made = Admission(1), limited()

    with await enter(admission, made):
        with pytest.raises(Busy) as caught:
            await enter(admission, made, patience=0.01)
        assert str(caught.value) == "no place became free for 't' within 0.01 seconds"
    with await enter(admission, made, patience=0):
        pass


async def test_places_go_to_whoever_waits_longest() -> None:
    admission, made, order = Admission(1), limited(), list[int]()

    async def call(number: int) -> None:
        with await enter(admission, made):
            order.append(number)

    with await enter(admission, made):
        waiting = [asyncio.create_task(call(number)) for number in range(5)]
        await asyncio.sleep(0.01)
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2, 3, 4]


async def test_a_waiter_that_is_cancelled_leaves_the_line() -> None:
    admission, made = Admission(1), limited()

    with await enter(admission, made):
        waiting = asyncio.create_task(admission.enter(made, None, math.inf))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    with await enter(admission, made, patience=0):
        pass


async def test_a_waiter_that_is_cancelled_just_as_it_gets_its_place_gives_it_back() -> None:
    admission, made = Admission(1), limited()

    with await enter(admission, made):
        waiting = asyncio.create_task(admission.enter(made, None, math.inf))
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with await enter(admission, made):
        pass


async def test_a_waiter_for_the_second_of_two_places_that_is_cancelled_gives_back_the_first() -> None:
    admission, made, other = Admission(1), limited(serial=True), limited()

    with await enter(admission, other):
        waiting = asyncio.create_task(admission.enter(made, None, math.inf))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    with await enter(admission, made):
        pass


async def test_calls_of_several_loops_share_the_places() -> None:
    admission, made = Admission(1), limited()
    inside, leave = threading.Event(), threading.Event()

    def elsewhere() -> None:
        async def call() -> None:
            with await enter(admission, made):
                inside.set()
                leave.wait(PATIENCE)

        asyncio.run(call())

    thread = threading.Thread(target=elsewhere)
    thread.start()
    assert await asyncio.to_thread(inside.wait, PATIENCE)
    waiting = asyncio.create_task(enter(admission, made))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    leave.set()
    with await waiting:
        pass
    await asyncio.to_thread(thread.join, PATIENCE)


async def test_a_waiter_whose_loop_was_closed_holds_up_nobody() -> None:
    admission, made = Admission(1), limited()

    def leave_a_waiter_behind() -> asyncio.Task[AbstractContextManager[object]]:
        loop = asyncio.new_event_loop()
        task = loop.create_task(admission.enter(made, None, math.inf))
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        return task

    with await enter(admission, made):
        left = await asyncio.to_thread(leave_a_waiter_behind)
    with await enter(admission, made):
        pass
    assert not left.done()


def test_a_brake_allows_everything_until_it_is_drawn() -> None:
    assert Brake().allowed == {READ, WRITE, NETWORK, EXECUTE}
    assert Brake([READ]).allowed == {READ}


def test_a_brake_only_narrows() -> None:
    brake = Brake()

    brake.restrict([READ, WRITE])
    brake.restrict([WRITE, NETWORK])
    assert brake.allowed == {WRITE}
    brake.restrict(Effect)
    assert brake.allowed == {WRITE}
    brake.restrict([])
    assert brake.allowed == frozenset()


def allowed(*brakes: Brake) -> list[set[Effect]]:
    return [set(brake.allowed) for brake in brakes]


def test_a_brake_narrows_those_below_it_and_not_those_above() -> None:
    top = Brake([READ, WRITE, NETWORK])
    middle = Brake(parent=top)
    bottom = Brake([WRITE, EXECUTE], parent=middle)
    assert allowed(middle, bottom) == [{READ, WRITE, NETWORK}, {WRITE}]

    middle.restrict([WRITE])
    assert allowed(top, middle, bottom) == [{READ, WRITE, NETWORK}, {WRITE}, {WRITE}]

    top.restrict([READ])
    assert allowed(top, middle, bottom) == [{READ}, set(), set()]


def test_of_two_who_draw_a_brake_at_once_neither_undoes_what_the_other_did() -> None:
    brake = Brake()
    first_is_at_it, second_is_done = threading.Event(), threading.Event()

    def slowly() -> Iterator[Effect]:
        first_is_at_it.set()
        second_is_done.wait(0.1)  # it waits in vain, since one who draws lets nobody else draw
        yield from (READ, WRITE)

    first = threading.Thread(target=lambda: brake.restrict(slowly()))
    first.start()
    assert first_is_at_it.wait(PATIENCE)
    brake.restrict([READ, NETWORK])
    second_is_done.set()
    first.join(PATIENCE)
    assert allowed(brake) == [{READ}]
