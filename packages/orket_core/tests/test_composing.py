"""An offer is held to the contract after every compose: nothing invented, nothing widened."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Collection
from typing import Any

import pytest

from orket.core import Diagnostic, Effect, Toolset, TurnContext, tool
from orket.core.arguments import SignatureArguments
from orket.core.composing import compose
from orket.core.limits import Limits


def read_file(path: str) -> str:
    """Read a file."""
    return path


def write_file(path: str, content: str) -> None:
    """Write a file."""


def invented() -> None:
    """Nobody asked for it."""


STRICT = tool(
    effects={Effect.READ},
    timeout=10,
    max_output=100,
    retry=1,
    concurrency=2,
    rate=3,
    budget=4,
    approval=True,
    serial=True,
)(read_file)
LOOSE = tool(effects={Effect.READ, Effect.WRITE})(write_file)
EVERYTHING = Toolset([STRICT, LOOSE])
LIMITS = Limits(timeout=60, max_output=1_000)


class Strategy:
    """Composes as it is told."""

    def __init__(self, made: Callable[[Toolset], object]) -> None:
        self._made = made

    def compose(self, toolset: Toolset, context: TurnContext) -> Any:
        return self._made(toolset)


def composed(
    made: Callable[[Toolset], object], provides: Collection[str] = ()
) -> tuple[Toolset, Diagnostic | None]:
    return compose(
        Strategy(made),
        EVERYTHING,
        TurnContext(),
        node="tool_strategy/acme:odd",
        provides=provides,
        limits=LIMITS,
    )


def flaw(made: Callable[[Toolset], object], provides: Collection[str] = ()) -> str:
    """What is said of a breach; that nothing is offered then is checked here for all of them."""
    offered, breach = composed(made, provides)
    assert breach is not None
    assert breach.code == "contract-breach"
    start, end = "Strategy 'tool_strategy/acme:odd' broke its contract: ", "."
    assert breach.message.startswith(start)
    assert breach.message.endswith(end)
    said = breach.message.removeprefix(start).removesuffix(end)
    assert offered.names == ()
    assert offered.why("read_file") == (
        f"'read_file' is absent: strategy 'tool_strategy/acme:odd' broke its contract: {said}"
    )
    return said


def fail(_: Toolset) -> object:
    raise LookupError("no such role")


def leave(_: Toolset) -> object:
    raise SystemExit(3)


def give_nothing(_: Toolset) -> object:
    return None


def give_a_list(tools: Toolset) -> object:
    return list(tools)


def test_a_breach_tells_what_to_do() -> None:
    _, breach = composed(fail)

    assert breach is not None
    assert breach.render("warning") == (
        "warning: contract-breach\n"
        "  Strategy 'tool_strategy/acme:odd' broke its contract: it raised LookupError: no such role.\n"
        "  hint:      report it to the node's author; the agent has no tools until another node is chosen"
    )


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (fail, "it raised LookupError: no such role"),
        (leave, "it raised SystemExit: 3"),
        (give_nothing, "it gave a NoneType, where a Toolset belongs"),
        (give_a_list, "it gave a list, where a Toolset belongs"),
    ],
    ids=["raises", "exits", "nothing", "list"],
)
def test_what_is_no_offer_is_a_breach(made: Callable[[Toolset], object], said: str) -> None:
    assert flaw(made) == said


INVENTED = "'invented' descends from no tool of the application, and is not declared in 'provides'"


def test_an_invented_tool_is_a_breach() -> None:
    assert flaw(lambda tools: tools | Toolset([invented])) == INVENTED


def test_a_tool_that_only_bears_the_name_of_another_is_a_breach() -> None:
    assert flaw(lambda tools: tools.replace(tool(name="read_file")(invented))) == (
        "'read_file' descends from no tool of the application, and is not declared in 'provides'"
    )


def replaced(name: str, **changes: Any) -> Callable[[Toolset], object]:
    """An offer in which a tool was rebuilt with what ``with_`` does not change."""
    return lambda tools: tools.replace(dataclasses.replace(tools[name], **changes))


def test_a_tool_that_runs_something_else_is_a_breach() -> None:
    assert flaw(replaced("write_file", function=invented)) == (
        "'write_file' runs something else than 'write_file' does"
    )


def test_a_tool_that_takes_other_arguments_is_a_breach() -> None:
    assert flaw(replaced("write_file", arguments=SignatureArguments(invented, "write_file"))) == (
        "'write_file' takes other arguments than 'write_file' does"
    )


WIDER: Any = [
    ({"effects": ["read", "write"]}, "may write, which it may not"),
    ({"effects": ["network", "execute"]}, "may execute, network, which it may not"),
    ({"approval": False}, "needs no approval any more"),
    ({"serial": False}, "may run beside itself, which it may not"),
    ({"idempotent": True}, "counts as idempotent, which its author did not say"),
    ({"host": True}, "runs in the host's own process, which it need not"),
    ({"timeout": 11}, "has a timeout of 11, where it had 10"),
    ({"timeout": None}, "has a timeout of 60, where it had 10"),
    ({"timeout": math.inf}, "has a timeout of inf, where it had 10"),
    ({"max_output": 101}, "has a max_output of 101, where it had 100"),
    ({"max_output": None}, "has a max_output of 1000, where it had 100"),
    ({"retry": 2}, "has a retry of 2, where it had 1"),
    ({"concurrency": 3}, "has a concurrency of 3, where it had 2"),
    ({"concurrency": None}, "has a concurrency of inf, where it had 2"),
    ({"rate": 4}, "has a rate of 4, where it had 3"),
    ({"rate": None}, "has a rate of inf, where it had 3"),
    ({"budget": 5}, "has a budget of 5, where it had 4"),
    ({"budget": None}, "has a budget of inf, where it had 4"),
]


@pytest.mark.parametrize(("changes", "said"), WIDER, ids=range(len(WIDER)))
def test_whatever_is_widened_is_a_breach(changes: Any, said: str) -> None:
    assert flaw(lambda tools: tools.replace(tools["read_file"].with_(**changes))) == f"'read_file' {said}"


@pytest.mark.parametrize(("changes", "said"), WIDER, ids=range(len(WIDER)))
def test_a_new_name_hides_no_widening(changes: Any, said: str) -> None:
    def made(tools: Toolset) -> Toolset:
        return tools.map(lambda one: one if one is LOOSE else one.with_(name="harmless", **changes))

    assert flaw(made) == f"'harmless' {said}"


def test_the_name_of_a_looser_tool_hides_no_widening() -> None:
    def made(tools: Toolset) -> Toolset:
        widened = tools["read_file"].with_(name="write_file", effects=["read", "write"])
        return Toolset([widened])

    assert flaw(made) == "'write_file' may write, which it may not"


def test_the_application_limits_count_where_a_tool_says_nothing() -> None:
    assert flaw(lambda tools: tools.replace(tools["write_file"].with_(timeout=61))) == (
        "'write_file' has a timeout of 61, where it had 60"
    )


def test_a_declared_tool_may_be_added() -> None:
    offered, breach = composed(lambda tools: tools | Toolset([invented]), provides=["invented"])

    assert (offered.names, breach) == (("read_file", "write_file", "invented"), None)


def test_a_declared_tool_may_take_the_place_of_another_and_is_held_to_its_limits() -> None:
    def swapped(effects: Collection[str]) -> Callable[[Toolset], object]:
        return lambda tools: tools.replace(tool(name="write_file", effects=effects)(invented))

    offered, breach = composed(swapped(["read"]), provides=["write_file"])
    assert breach is None
    assert offered["write_file"].function is invented
    assert flaw(swapped(["execute"]), provides=["write_file"]) == "'write_file' may execute, which it may not"


ODD_BUT_RIGHT: list[tuple[str, Callable[[Toolset], object], tuple[str, ...]]] = [
    ("the same toolset", lambda tools: tools, ("read_file", "write_file")),
    ("nothing at all", lambda _: Toolset(), ()),
    ("an order of its own", lambda tools: Toolset(reversed(list(tools))), ("write_file", "read_file")),
    ("new names", lambda tools: tools.prefixed("x_"), ("x_read_file", "x_write_file")),
    (
        "names exchanged",
        lambda tools: tools.renamed({"read_file": "write_file", "write_file": "read_file"}),
        ("write_file", "read_file"),
    ),
    (
        "one tool under two names",
        lambda tools: tools | Toolset([tools["read_file"].with_(name="look")]),
        ("read_file", "write_file", "look"),
    ),
    (
        "everything narrower",
        lambda tools: tools.map(
            lambda one: one.with_(
                effects=[], timeout=1, max_output=1, retry=0, concurrency=1, rate=1, budget=1, approval=True
            )
        ),
        ("read_file", "write_file"),
    ),
    (
        "other words",
        lambda tools: tools.map(lambda one: one.with_(description="Only in need.")),
        ("read_file", "write_file"),
    ),
    (
        "the default limit written down",
        lambda tools: tools.map(lambda one: one.with_(timeout=10, max_output=100)),
        ("read_file", "write_file"),
    ),
]


@pytest.mark.parametrize(
    ("made", "names"), [odd[1:] for odd in ODD_BUT_RIGHT], ids=[odd[0] for odd in ODD_BUT_RIGHT]
)
def test_what_is_odd_but_narrower_is_offered(
    made: Callable[[Toolset], object], names: tuple[str, ...]
) -> None:
    offered, breach = composed(made)

    assert (offered.names, breach) == (names, None)


def test_what_is_offered_is_the_very_toolset_that_the_strategy_gave() -> None:
    given = EVERYTHING.only("read_file", why="its own reason")

    assert composed(lambda _: given)[0] is given
