"""Observers watch: they are told what happens, and nothing that they do changes it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from orket.core import CallRecord, ConfigError, ToolResult, Toolset, TurnContext, hookimpl
from orket.core.observers import Relay

CALL = CallRecord("call-1", "read_file", {})
RESULT = ToolResult("ok", "read_file", "content")


class Watcher:
    """Takes every event, and notes it."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    @hookimpl
    def turn_composed(self, toolset: Toolset, context: TurnContext, node: str) -> None:
        self.told.append(("turn_composed", toolset, context, node))

    @hookimpl
    def call_started(self, call: CallRecord) -> None:
        self.told.append(("call_started", call))

    @hookimpl
    def call_finished(self, call: CallRecord, result: ToolResult) -> None:
        self.told.append(("call_finished", call, result))


class Broken:
    """Takes one event, and fails at it."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.times = 0

    @hookimpl
    def call_started(self, call: CallRecord) -> None:
        self.times += 1
        raise self.error


def test_an_observer_is_told_each_event_with_its_facts() -> None:
    watcher, toolset, context = Watcher(), Toolset(), TurnContext()
    relay = Relay([watcher])

    relay.tell("turn_composed", toolset=toolset, context=context, node="n")
    relay.tell("call_started", call=CALL)
    relay.tell("call_finished", call=CALL, result=RESULT)
    assert watcher.told == [
        ("turn_composed", toolset, context, "n"),
        ("call_started", CALL),
        ("call_finished", CALL, RESULT),
    ]


def test_an_observer_takes_the_events_and_the_facts_that_it_wants() -> None:
    class Counter:
        finished = 0

        @hookimpl
        def call_finished(self, result: ToolResult) -> None:
            self.finished += result.ok

    counter = Counter()
    relay = Relay([counter])
    relay.tell("call_started", call=CALL)
    relay.tell("call_finished", call=CALL, result=RESULT)
    assert counter.finished == 1


def test_it_is_known_whether_anybody_watches() -> None:
    assert Relay([Watcher()]).watched
    assert not Relay().watched


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3), asyncio.CancelledError()])
def test_what_an_observer_raises_is_logged_and_goes_no_further(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    watcher = Watcher()
    relay = Relay([watcher, Broken(error)])

    relay.tell("call_started", call=CALL)
    assert watcher.told == [("call_started", CALL)]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert caplog.messages[0].startswith(f"Broken failed in call_started: {type(error).__name__}")


def test_an_observer_that_failed_three_times_is_told_nothing_more(caplog: pytest.LogCaptureFixture) -> None:
    watcher, broken = Watcher(), Broken(ValueError("no"))
    relay = Relay([watcher, broken])

    for _ in range(2):
        relay.tell("call_started", call=CALL)
    assert relay.quarantined == {}
    for _ in range(3):
        relay.tell("call_started", call=CALL)
    assert broken.times == 3
    assert len(watcher.told) == 5
    assert relay.quarantined == {"Broken": "call_started: ValueError: no"}
    assert caplog.messages == [
        "Broken failed in call_started: ValueError: no",
        "Broken failed in call_started: ValueError: no",
        "Broken failed in call_started: ValueError: no, and is told nothing more",
    ]


def test_observers_that_are_equal_and_cannot_be_hashed_fail_each_for_itself() -> None:
    class Equal(Broken):
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Equal)

        def __hash__(self) -> int:
            return 1

    relay = Relay([Equal(ValueError("x")), Watcher()])
    for _ in range(2):
        relay.tell("call_started", call=CALL)
    assert relay.quarantined == {}


def refusal(observer: object) -> str:
    with pytest.raises(ConfigError) as caught:
        Relay([observer])
    assert (
        caught.value.diagnostic.hint
        == "its hookimpls must be among turn_composed, call_started, call_finished"
    )
    return caught.value.diagnostic.message


def test_a_misspelt_event_is_an_error_that_lists_the_events() -> None:
    class Misspelt:
        def __repr__(self) -> str:
            return "Misspelt()"

        @hookimpl
        def call_finish(self, call: CallRecord) -> None: ...

    with pytest.raises(ConfigError) as caught:
        Relay([Misspelt()])
    assert str(caught.value) == (
        "error: contract-mismatch\n"
        "  Misspelt is no observer: unknown hook 'call_finish' in plugin Misspelt().\n"
        "  looked in: the observers\n"
        f"  found:     {Misspelt.__module__}.{Misspelt.__qualname__}\n"
        "  hint:      its hookimpls must be among turn_composed, call_started, call_finished"
    )


def test_an_unknown_fact_is_an_error_that_shows_the_definition() -> None:
    class Stray:
        @hookimpl
        def call_finished(self, call: CallRecord, outcome: ToolResult) -> None: ...

    message = refusal(Stray())
    assert (
        "hookimpl definition: call_finished(call: 'CallRecord', outcome: 'ToolResult') -> 'None'" in message
    )
    assert "{'outcome'}" in message


def test_an_observer_whose_decorator_was_forgotten_is_an_error() -> None:
    class Forgotten:
        def call_started(self, call: CallRecord) -> None: ...

    assert refusal(Forgotten()) == "Forgotten is no observer: it has no method marked with @hookimpl."


def test_an_async_observer_is_an_error_since_nobody_would_await_it() -> None:
    class Later:
        @hookimpl
        async def call_started(self, call: CallRecord) -> None: ...

    assert refusal(Later()) == "Later is no observer: its 'call_started' is async, where the contract is not."


def test_an_observer_given_twice_is_an_error() -> None:
    watcher = Watcher()
    with pytest.raises(ConfigError, match="Watcher is no observer: Plugin name already registered"):
        Relay([watcher, watcher])
