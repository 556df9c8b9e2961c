"""One finding, told alike everywhere."""

from __future__ import annotations

import pickle

import pytest

from orket.core.errors import (
    ConfigError,
    Diagnostic,
    JournalError,
    OrketError,
    ResolutionError,
    StoreError,
    ToolError,
    closest,
)

FULL = Diagnostic(
    "unknown-node",
    "No node 'read_only' for family 'tool_strategy'.",
    asked_by="ORKET_TOOL_STRATEGY_NODE (environment)",
    looked_in="entry points 'orket.tool_strategy', 4 distributions",
    found="approval, default, read-only, role",
    hint="did you mean 'read-only'?",
)


def test_a_finding_is_rendered_as_a_headline_a_message_and_its_facts() -> None:
    assert FULL.render() == (
        "error: unknown-node\n"
        "  No node 'read_only' for family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: entry points 'orket.tool_strategy', 4 distributions\n"
        "  found:     approval, default, read-only, role\n"
        "  hint:      did you mean 'read-only'?"
    )


def test_a_fact_that_says_nothing_is_left_out() -> None:
    assert Diagnostic("code", "Something.", found="this").render("warning") == (
        "warning: code\n  Something.\n  found:     this"
    )


def test_further_lines_of_a_message_are_indented_like_its_first() -> None:
    assert Diagnostic("code", "One.\nTwo.").render() == "error: code\n  One.\n  Two."


def test_further_lines_of_a_fact_stay_in_its_column() -> None:
    assert Diagnostic("code", "It.", found="one\ntwo", hint="do").render() == (
        "error: code\n"
        "  It.\n"
        "  found:     one\n"
        "             two\n"
        "  hint:      do"
    )  # fmt: skip


def test_json_carries_the_six_fields_empty_ones_too() -> None:
    assert Diagnostic("code", "It.", hint="do").as_dict() == {
        "code": "code",
        "message": "It.",
        "asked_by": "",
        "looked_in": "",
        "found": "",
        "hint": "do",
    }


@pytest.mark.parametrize("kind", [ConfigError, ResolutionError, JournalError, StoreError])
def test_every_error_of_orket_can_be_caught_as_one_and_says_its_finding(kind: type[OrketError]) -> None:
    with pytest.raises(OrketError, match="No node 'read_only'") as caught:
        raise kind(FULL)
    assert caught.value.code == "unknown-node"
    assert caught.value.diagnostic == FULL
    assert str(caught.value) == FULL.render()


def test_an_error_crosses_processes_whole() -> None:
    copy = pickle.loads(pickle.dumps(ResolutionError(FULL)))
    assert (type(copy), copy.diagnostic, copy.resolution) == (ResolutionError, FULL, None)


def test_an_error_of_a_tool_is_none_of_orket_and_keeps_its_words() -> None:
    assert not issubclass(ToolError, OrketError)
    assert str(ToolError("no such card")) == "no such card"


def test_the_closest_word_is_proposed() -> None:
    assert closest("read_only", ["role", "read-only", "approval"]) == "did you mean 'read-only'?"


def test_nothing_is_proposed_where_nothing_is_near() -> None:
    assert closest("reviewer", ["read-only", "default"]) == ""
    assert closest("anything", []) == ""
