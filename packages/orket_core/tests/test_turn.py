"""One turn: a frozen offer, and the calls made under it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from orket.core import (
    CallContext,
    Effect,
    MemoryJournal,
    ToolCall,
    ToolError,
    ToolRuntimeExecutor,
    Toolset,
    Turn,
    TurnContext,
    Workspace,
    tool,
)
from orket.core.limits import Limits
from orket.core.portal import Portal

PATIENCE = 20.0  # far longer than anything here takes
NODE = "tool_strategy/acme:reviewer"


@tool(effects={Effect.READ})
async def double(number: int) -> int:
    """Double a number."""
    return number * 2


@tool(effects={Effect.READ})
def fail() -> None:
    """Fail."""
    raise ToolError("not today")


@tool(effects={Effect.WRITE})
def write() -> None:
    """Write."""


EVERYTHING = Toolset([double, fail, write])
OFFER = EVERYTHING.without("write", why="reviewers only read")

Begin = Callable[..., Turn]


@pytest.fixture
def begin(work: Path) -> Iterator[Begin]:
    """Begins a turn as a runtime does."""
    portal = Portal()

    def begin(offer: Toolset = OFFER, *, limits: Limits | None = None, deps: object = None) -> Turn:
        return Turn(
            offer,
            TurnContext(session_id="s1", roles=("reviewer",), model="m", turn=3, extra={"issue_id": "i1"}),
            everything=EVERYTHING,
            node=NODE,
            breach=None,
            executor=ToolRuntimeExecutor(journal=MemoryJournal(), limits=limits),
            portal=portal,
            workspace=Workspace(work),
            deps=deps,
            recording=None,
        )

    yield begin
    portal.close()


def test_a_turn_shows_its_offer_and_who_composed_it(begin: Begin) -> None:
    turn = begin()

    assert (turn.tools.names, turn.node, turn.breach) == (("double", "fail"), NODE, None)
    assert turn.digest == OFFER.digest
    assert turn.why("write") == "'write' is absent: reviewers only read"


@pytest.mark.parametrize(
    "call",
    [
        ToolCall("c1", "double", {"number": 3}),
        {"id": "c1", "function": {"name": "double", "arguments": '{"number": 3}'}},
        {"id": "c1", "name": "double", "input": {"number": 3}},
        SimpleNamespace(call_id="c1", name="double", arguments='{"number": 3}'),
    ],
    ids=["plain", "openai", "anthropic", "object"],
)
async def test_a_call_runs_in_whatever_shape_it_comes(begin: Begin, call: object) -> None:
    result = await begin().call(call)

    assert (result.status, result.value, result.model_call_id) == ("ok", 6, "c1")
    assert result.call_id.startswith("call-")


async def test_two_calls_with_one_id_of_the_model_have_ids_of_their_own(begin: Begin) -> None:
    turn = begin()
    first, second = await turn.call_many([ToolCall("c1", "double", {"number": number}) for number in (1, 2)])

    assert first.model_call_id == second.model_call_id == "c1"
    assert first.call_id != second.call_id


async def test_a_tool_learns_of_its_turn(begin: Begin) -> None:
    seen: list[CallContext] = []

    @tool
    def look(ctx: CallContext) -> None:
        seen.append(ctx)

    turn = begin(Toolset([look]), deps="a database")
    await turn.call(ToolCall("c1", "look"))

    (context,) = seen
    assert (context.session_id, context.role, context.model, context.turn) == ("s1", "reviewer", "m", 3)
    assert (context.extra, context.deps, context.model_call_id) == ({"issue_id": "i1"}, "a database", "c1")
    assert (context.node, context.offer) == (NODE, turn.digest)
    assert context.workspace.root


def test_a_context_without_a_workspace_says_how_to_give_one() -> None:
    with pytest.raises(LookupError) as caught:
        _ = CallContext().workspace

    assert caught.value.args == (
        "this call has no workspace; pass one to Runtime(workspace=…) or CallContext(files=…)",
    )


async def test_a_tool_that_is_not_on_offer_does_not_run(begin: Begin) -> None:
    result = await begin().call(ToolCall("c1", "write"))

    assert (result.status, result.error) == ("not-offered", "'write' is absent: reviewers only read")


async def test_a_tool_that_there_is_not_is_answered_with_the_closest_one(begin: Begin) -> None:
    result = await begin().call(ToolCall("c1", "duoble"))

    assert (result.status, result.error) == (
        "unknown-tool",
        "there is no tool 'duoble'; did you mean 'double'?",
    )


class Unreadable:
    """What no provider sends: it fails at every touch."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError("hands off")

    def __repr__(self) -> str:
        raise RuntimeError("hands off")


class Wordless:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    "call",
    [None, 3, "double", [], {}, {"name": None}, {"name": "double", "arguments": 3}, Unreadable(), Wordless()],
    ids=range(9),
)
async def test_garbage_is_answered_like_a_call(begin: Begin, call: object) -> None:
    result = await begin().call(call)

    assert (result.status, result.tool) == ("invalid-arguments", "")
    assert result.error
    assert result.for_model().isprintable()


async def test_a_name_that_is_no_text_to_send_is_still_answered_with_text_to_send(begin: Begin) -> None:
    result = await begin().call({"id": "c1", "name": "dou\ud800ble"})

    assert result.status == "unknown-tool"
    assert result.for_model().encode()


async def test_many_calls_are_answered_in_their_order_whatever_becomes_of_each(begin: Begin) -> None:
    go = asyncio.Event()

    @tool
    async def first() -> str:
        await go.wait()
        return "first"

    @tool
    async def last() -> str:
        go.set()
        return "last"

    turn = begin(Toolset([first, last, fail]))
    calls = ["first", "fail", "nothing", "last"]
    results = await turn.call_many([*(ToolCall(name, name) for name in calls), None])

    assert [result.status for result in results] == [
        "ok",
        "failed",
        "unknown-tool",
        "ok",
        "invalid-arguments",
    ]
    assert [result.model_call_id for result in results] == [*calls, ""]


async def test_no_calls_are_no_results(begin: Begin) -> None:
    assert await begin().call_many([]) == []


async def test_as_many_calls_run_at_once_as_the_limits_allow(begin: Begin) -> None:
    together, under_way = 0, 0

    @tool
    async def count() -> None:
        nonlocal together, under_way
        under_way += 1
        together = max(together, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1

    turn = begin(Toolset([count]), limits=Limits(concurrency=3))
    results = await turn.call_many([ToolCall(str(number), "count") for number in range(10)])
    assert (together, {result.status for result in results}) == (3, {"ok"})


async def test_whoever_goes_away_from_many_calls_takes_all_of_them_along(begin: Begin) -> None:
    begun = 0

    @tool
    async def wait() -> None:
        nonlocal begun
        begun += 1
        await asyncio.Event().wait()

    turn = begin(Toolset([wait]))
    calls = asyncio.create_task(turn.call_many([ToolCall(str(number), "wait") for number in range(3)]))
    async with asyncio.timeout(PATIENCE):
        while begun < 3:  # noqa: ASYNC110 - the tools count, and set no event
            await asyncio.sleep(0)
    calls.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calls
    assert len(asyncio.all_tasks()) == 1
