"""A declared change covers the differences that it names, and no others."""

from __future__ import annotations

import pytest

from orket.core import Tool, TurnContext
from orket.core.proving import Declaration
from orket.testkit.changes.declared import changes_of, covers, flaws
from orket.testkit.circumstances import Circumstance
from orket.testkit.fakes import toolset
from orket.testkit.parity.offers import Difference

TOOLS = toolset(peek={"read"}, put={"read", "write"}, foreign=None)
CHANGE = {"id": "a", "kind": "removed", "reason": "b", "doc": "c.md#a", "witness": "a.json"}


def difference(tool: str, kind: str = "removed", role: str | None = None) -> Difference:
    context = TurnContext(roles=() if role is None else (role, "another"))
    return Difference(kind, tool, Circumstance({}, context), "")


def covered(when: object, tool: str, kind: str = "removed", role: str | None = None) -> bool:
    (change,) = changes_of(Declaration(changes=({**CHANGE, "when": when},)))
    found: Tool | None = TOOLS.get(tool)
    return covers(change, difference(tool, kind, role), found)


@pytest.mark.parametrize(
    ("when", "tools"),
    [
        ({}, {"peek", "put", "foreign"}),
        ({"tool": "peek"}, {"peek"}),
        ({"tool": ["peek", "put"]}, {"peek", "put"}),
        ({"effects": ["write"]}, {"put", "foreign"}),
        ({"effects": ["read", "write"], "tool": "peek"}, {"peek"}),
        ({"effects": ["execute"], "tool": "put"}, set[str]()),
        ({"tools": "peek"}, set[str]()),
        ({"tool": 7}, set[str]()),
        ("peek", set[str]()),
    ],
)
def test_it_covers_the_tools_for_which_all_of_its_conditions_hold(when: object, tools: set[str]) -> None:
    assert {name for name in TOOLS.names if covered(when, name)} == tools


def test_it_covers_no_difference_of_another_kind() -> None:
    assert not covered({}, "peek", "renamed")


def test_it_covers_a_tool_that_nobody_else_has_by_its_name() -> None:
    assert covered({"tool": "new"}, "new")
    assert not covered({"effects": ["write"]}, "new")


@pytest.mark.parametrize(("role", "expected"), [("coder", True), ("another", False), (None, False)])
def test_a_role_is_the_leading_one(role: str | None, expected: bool) -> None:
    assert covered({"role": "coder"}, "peek", role=role) is expected


def test_what_is_well_written_has_no_flaw() -> None:
    assert (
        list(flaws(Declaration(changes=({**CHANGE, "when": {"effects": "write"}}, {**CHANGE, "id": "b"}))))
        == []
    )


@pytest.mark.parametrize("key", ["id", "kind", "reason", "doc", "witness"])
def test_everything_but_when_has_to_be_there(key: str) -> None:
    table = {name: text for name, text in CHANGE.items() if name != key}
    who = "change number 1" if key == "id" else "change 'a'"

    assert list(flaws(Declaration(changes=(table,)))) == [f"{who} has no '{key}'"]


def test_a_when_that_is_no_table_is_a_flaw() -> None:
    table = {**CHANGE, "when": "peek"}

    assert list(flaws(Declaration(changes=(table,)))) == ["change 'a': 'when' must be a table, not 'peek'"]
