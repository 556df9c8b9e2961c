"""The tool that is called in the rows about calls, and a loop to call it in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["ARGUMENTS", "CALLS", "calls_in_a_loop", "fresh", "greet", "greet_sync", "in_a_loop"]


class Arguments(TypedDict):
    """What the tool takes."""

    name: str
    times: int


ARGUMENTS: Arguments = {"name": "Ada", "times": 2}

CALLS = 200
"""How often a contender with an event loop of its own does the work before it comes back."""


def fresh() -> Callable[..., Awaitable[str]]:
    """A function that no peer has seen before, so that none can answer from what it kept."""

    async def greet(name: str, times: int) -> str:
        """Greet somebody.

        Args:
            name: whom to greet.
            times: how often.
        """
        return name * times

    return greet


greet = fresh()


def greet_sync(name: str, times: int) -> str:
    """Greet somebody, without an event loop."""
    return name * times


def in_a_loop(work: Callable[[], Awaitable[object]]) -> Callable[[], object]:
    """``work`` in one event loop that stays open, since to open one is not what is measured."""
    loop = asyncio.new_event_loop()

    async def run() -> None:
        await work()

    return lambda: loop.run_until_complete(run())


def calls_in_a_loop(call: Callable[[], Awaitable[object]]) -> Callable[[], object]:
    """``CALLS`` calls in one event loop, one after the other."""

    async def work() -> None:
        for _ in range(CALLS):
            await call()

    return in_a_loop(work)
