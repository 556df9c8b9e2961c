"""A deadline on a block of a task: its own cancellation ends at the block, anybody else's goes on."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from orket.core.deadline import Deadline

LONG = 60.0  # never comes in a test


async def for_ever() -> None:
    await asyncio.Event().wait()


def cancellations() -> int:
    task = asyncio.current_task()
    assert task is not None
    return task.cancelling()


async def test_a_block_that_lasts_too_long_is_ended_and_says_so() -> None:
    with Deadline(0.01) as deadline:
        await for_ever()

    assert deadline.passed
    assert cancellations() == 0


async def test_a_block_that_ends_in_time_is_left_alone() -> None:
    with Deadline(LONG) as deadline:
        await asyncio.sleep(0)

    assert not deadline.passed


async def test_a_deadline_that_was_left_never_cancels() -> None:
    with Deadline(0.01):
        pass
    with Deadline(0.02):
        pass

    await asyncio.sleep(0.05)
    assert cancellations() == 0


async def test_what_the_block_raises_goes_on() -> None:
    with pytest.raises(TimeoutError, match="the block's own"), Deadline(LONG) as deadline:
        raise TimeoutError("the block's own")

    assert not deadline.passed


async def started(deadline: Deadline) -> asyncio.Task[None]:
    """A task that waits for ever under ``deadline``."""

    async def wait() -> None:
        with deadline:
            await for_ever()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    return task


async def test_a_cancellation_by_the_caller_goes_on() -> None:
    deadline = Deadline(LONG)
    task = await started(deadline)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not deadline.passed


@pytest.mark.parametrize("caller_first", [True, False])
async def test_where_both_come_at_the_same_moment_the_caller_wins(caller_first: bool) -> None:
    deadline = Deadline(LONG)
    task = await started(deadline)

    if caller_first:
        task.cancel()
    deadline.cancel()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not deadline.passed


async def test_a_block_that_holds_its_cancellation_ends_by_itself() -> None:
    with Deadline(0.01) as deadline:
        with contextlib.suppress(asyncio.CancelledError):
            await for_ever()
        await asyncio.sleep(0)

    assert deadline.passed
    assert cancellations() == 0


async def test_an_inner_deadline_leaves_the_outer_block_running() -> None:
    outer, inner = Deadline(LONG), Deadline(0.01)
    with outer:
        with inner:
            await for_ever()
        await asyncio.sleep(0)

    assert (outer.passed, inner.passed) == (False, True)


async def test_an_outer_deadline_ends_the_inner_block_too() -> None:
    with Deadline(0.01) as outer, Deadline(LONG) as inner:
        await for_ever()

    assert (outer.passed, inner.passed) == (True, False)


async def test_a_short_deadline_that_begins_after_a_long_one_passes_first() -> None:
    long = Deadline(LONG)
    task = await started(long)

    with Deadline(0.01) as short:
        await for_ever()
    assert (short.passed, long.passed, task.done()) == (True, False, False)
    task.cancel()


async def test_a_deadline_that_begins_while_a_shorter_one_waits_passes_too() -> None:
    later, tasks = Deadline(0.02), list[asyncio.Task[None]]()

    with Deadline(0.01):
        tasks.append(await started(later))
        await for_ever()
    await tasks[0]
    assert later.passed


async def test_a_deadline_of_nothing_passes_at_once() -> None:
    with Deadline(0) as deadline:
        await for_ever()

    assert deadline.passed


def test_each_loop_keeps_its_own_deadlines() -> None:
    async def wait() -> bool:
        with Deadline(0.01) as deadline:
            await for_ever()
        return deadline.passed

    passed = [asyncio.run(wait()), asyncio.run(wait())]
    threads = [threading.Thread(target=lambda: passed.append(asyncio.run(wait()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert passed == [True] * 6


async def test_asyncios_own_timeout_may_stand_outside() -> None:
    async def work() -> None:
        async with asyncio.timeout(0.01):
            with inner:
                await for_ever()

    inner = Deadline(LONG)
    with pytest.raises(TimeoutError):
        await work()
    assert not inner.passed


async def test_asyncios_own_timeout_may_stand_inside() -> None:
    with Deadline(0.01) as outer:
        async with asyncio.timeout(LONG):
            await for_ever()

    assert outer.passed
