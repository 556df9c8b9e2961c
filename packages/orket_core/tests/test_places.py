"""Room for a number of calls at once: of a tool, of a session, of all; and the line before it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import threading
from contextlib import AbstractContextManager
from typing import Any

import pytest

from orket.core import Tool, tool
from orket.core.limits import Admission, Busy

PATIENCE = 20.0  # far longer than anything here takes


def limited(**policies: Any) -> Tool:
    return tool(name="t", **policies)(lambda: None)


async def enter(
    admission: Admission, made: Tool, session: str | None = None, patience: float = PATIENCE
) -> AbstractContextManager[object]:
    return await asyncio.wait_for(admission.enter(made, admission.count(made, session), patience), PATIENCE)


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


async def test_the_changed_copies_of_a_tool_share_its_places() -> None:
    made = limited(concurrency=2)
    copies = [made.with_(name="other"), made.with_(concurrency=1), made.with_(serial=True)]

    assert await most_at_once(Admission(16), *[made, *copies] * 3) == 2


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
        waiting = [
            asyncio.create_task(admission.enter(made, admission.count(made, None), math.inf))
            for _ in range(3)
        ]
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
        waiting = asyncio.create_task(admission.enter(flooded, admission.count(flooded, None), math.inf))
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


async def test_a_copy_that_needs_the_tool_for_itself_gets_its_turn() -> None:
    admission, made, order = Admission(16), limited(concurrency=2), list[str]()

    async def call(one: Tool, name: str) -> None:
        with await enter(admission, one):
            order.append(name)
            await asyncio.sleep(0)

    with await enter(admission, made):
        tools = {"alone": made.with_(serial=True), "later": made}
        waiting = [asyncio.create_task(call(one, name)) for name, one in tools.items()]
        await asyncio.sleep(0.01)
        assert order == []
    await asyncio.gather(*waiting)
    assert order == ["alone", "later"]


async def test_a_waiter_that_is_cancelled_leaves_the_line() -> None:
    admission, made = Admission(1), limited()

    with await enter(admission, made):
        waiting = asyncio.create_task(admission.enter(made, admission.count(made, None), math.inf))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    with await enter(admission, made, patience=0):
        pass


async def test_where_the_first_in_line_goes_away_the_next_one_may_find_room() -> None:
    admission, made = Admission(16), limited(concurrency=2)

    with await enter(admission, made):
        alone = asyncio.create_task(enter(admission, made.with_(serial=True)))
        await asyncio.sleep(0)
        beside = asyncio.create_task(enter(admission, made))
        await asyncio.sleep(0.01)
        assert not beside.done()
        alone.cancel()
        with await beside:
            pass


async def test_a_waiter_that_is_cancelled_just_as_it_gets_its_place_gives_it_back() -> None:
    admission, made = Admission(1), limited()

    with await enter(admission, made):
        waiting = asyncio.create_task(admission.enter(made, admission.count(made, None), math.inf))
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with await enter(admission, made):
        pass


async def test_a_waiter_for_the_second_of_two_places_that_is_cancelled_gives_back_the_first() -> None:
    admission, made, other = Admission(1), limited(serial=True), limited()

    with await enter(admission, other):
        waiting = asyncio.create_task(admission.enter(made, admission.count(made, None), math.inf))
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
        task = loop.create_task(admission.enter(made, admission.count(made, None), math.inf))
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        return task

    with await enter(admission, made):
        left = await asyncio.to_thread(leave_a_waiter_behind)
    with await enter(admission, made):
        pass
    assert not left.done()
