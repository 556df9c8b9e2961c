"""Every difference between two offers has its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from orket.core import NodeRef, Toolset, tool
from orket.core.proving import Declaration
from orket.testkit.checks import run_law
from orket.testkit.circumstances import Circumstance
from orket.testkit.parity.laws import LAWS
from orket.testkit.parity.offers import differences
from orket.testkit.subject import Plan, Subject
from orket.testkit.toolsets import baseline

Change = Callable[[Toolset], Toolset]

BASELINE = baseline()
(LAW,) = [law for law in LAWS["tool_strategy"] if law.id == "parity-offer"]


def whisper(word: str) -> str:
    """Say a word quietly."""
    return word.lower()


def found(change: Change) -> list[tuple[str, str, str]]:
    return [
        (one.kind, one.tool, one.detail) for one in differences(BASELINE, change(BASELINE), Circumstance())
    ]


def each(name: str, **changes: Any) -> Change:  # changes of Tool, each of its own type
    return lambda given: given.map(lambda one: one.with_(**changes) if one.name == name else one)


DIFFERENCES: list[tuple[Change, str, str, str]] = [
    (lambda given: given.without("write_file", why="no"), "removed", "write_file", "it is not offered"),
    (
        lambda given: given | Toolset([whisper]),
        "added",
        "whisper",
        "the control has no such tool",
    ),
    (
        lambda given: given.renamed({"read_file": "peek"}),
        "renamed",
        "read_file",
        "it is called 'peek'",
    ),
    (
        each("read_file", description="Read."),
        "description",
        "read_file",
        "it is described by 'Read.', where the control has 'Read a text file.'",
    ),
    (
        each("write_file", timeout=1.0, serial=True),
        "policy",
        "write_file",
        "timeout is 1.0, where the control has None; serial is True, where the control has False",
    ),
    (
        each("archive_eval", effects=["read"]),
        "effect",
        "archive_eval",
        "it may read, where the control's may read, write",
    ),
    (
        lambda given: Toolset([*list(given)[1:], next(iter(given))]),
        "order",
        "read_file",
        "it is number 15 of those that both have, where the control has it as number 1",
    ),
]


@pytest.mark.parametrize(
    ("change", "kind", "name", "detail"), DIFFERENCES, ids=[one[1] for one in DIFFERENCES]
)
def test_a_difference_has_one_kind_and_names_its_tool(
    change: Change, kind: str, name: str, detail: str
) -> None:
    assert found(change) == [(kind, name, detail)]


def test_another_schema_is_a_difference() -> None:
    def other(given: Toolset) -> Toolset:
        return given.replace(tool(name="request_excuse", effects=["write"])(whisper))

    kinds = [(kind, name) for kind, name, _ in found(other)]

    assert kinds == [("schema", "request_excuse"), ("description", "request_excuse")]


def test_the_same_tools_do_not_differ_whatever_container_they_are_in() -> None:
    assert found(Toolset) == []


def test_a_tool_that_takes_the_place_of_another_is_one_removed_and_one_added() -> None:
    def exchange(given: Toolset) -> Toolset:
        return given.without("write_file", why="no") | Toolset([whisper])

    assert [(kind, name) for kind, name, _ in found(exchange)] == [
        ("removed", "write_file"),
        ("added", "whisper"),
    ]


def read_only(*changes: Mapping[str, object]) -> Subject:
    value = "orket.testkit.zoo.changed:WithoutWrite"
    ref = NodeRef("orket.tool_strategy", "without-write", value, "orket-zoo", "0", "")
    return Subject(ref, Declaration(changes=changes))


def test_an_undeclared_difference_says_which_change_would_cover_it() -> None:
    finding = run_law(LAW, read_only(), Plan(examples=0))

    assert finding.status == "unaccepted-change"
    assert finding.found == "undeclared-change: 'write_file': removed: it is not offered"
    assert (
        finding.expected
        == "what the control offers, or a [[change]] of kind \"removed\" that covers 'write_file'"
    )


def test_its_trace_is_a_witness_and_shows_it_again() -> None:
    trace = run_law(LAW, read_only(), Plan(examples=0)).trace
    assert trace == {
        "options": {},
        "roles": [],
        "toolset": "baseline",
        "tool": "write_file",
        "kind": "removed",
    }

    assert run_law(LAW, read_only(), Plan(replay=trace)).status == "unaccepted-change"


def test_a_declared_difference_passes_and_one_of_another_kind_does_not() -> None:
    removed = {"id": "x", "kind": "removed", "when": {"tool": "write_file"}}

    assert run_law(LAW, read_only(removed), Plan(examples=0)).status == "passed"
    assert (
        run_law(LAW, read_only({**removed, "kind": "policy"}), Plan(examples=0)).status == "unaccepted-change"
    )
