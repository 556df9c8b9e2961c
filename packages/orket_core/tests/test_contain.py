"""What foreign code raises is held; what belongs to the host passes."""

from __future__ import annotations

import asyncio
import threading

import pytest

from orket.core.contain import contained, describe


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_a_block_that_ends_by_itself_leaves_no_error() -> None:
    with contained() as guard:
        pass
    assert guard.error is None


@pytest.mark.parametrize(
    "error", [ValueError("x"), SystemExit(3), BaseException("x"), GeneratorExit(), asyncio.CancelledError()]
)
def test_whatever_foreign_code_raises_is_held(error: BaseException) -> None:
    with contained() as guard:
        raise error
    assert guard.error is error


def test_an_interrupt_from_the_keyboard_passes() -> None:
    with pytest.raises(KeyboardInterrupt), contained():
        raise KeyboardInterrupt


def test_an_interrupt_in_another_thread_is_held_because_no_keyboard_sent_it() -> None:
    held: list[BaseException | None] = []

    def work() -> None:
        with contained() as guard:
            raise KeyboardInterrupt
        held.append(guard.error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [type(error) for error in held] == [KeyboardInterrupt]


def test_the_cancellation_of_the_running_task_passes() -> None:
    async def scenario() -> None:
        waiting = asyncio.Event()

        async def work() -> None:
            with contained():
                waiting.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    asyncio.run(scenario())


def test_a_cancellation_that_nobody_asked_for_is_held() -> None:
    async def scenario() -> BaseException | None:
        with contained() as guard:
            raise asyncio.CancelledError
        return guard.error

    assert isinstance(asyncio.run(scenario()), asyncio.CancelledError)


def test_an_error_is_described_by_its_type_and_text() -> None:
    assert describe(ValueError("too big")) == "ValueError: too big"
    assert describe(ValueError()) == "ValueError"


def test_an_error_without_words_of_its_own_is_described_all_the_same() -> None:
    assert describe(UnprintableError()) == "UnprintableError: <unprintable> (RuntimeError in its __str__)"
