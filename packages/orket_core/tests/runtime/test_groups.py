"""The tools of a runtime: the groups that configuration chooses, and the application's own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from orket.core import ConfigError, Effect, Runtime, Tool, tool

Start = Callable[..., Runtime]
Wheel = Callable[..., Path]


@tool
def foreign() -> None:
    """Nobody says what it does."""


def test_a_group_that_nobody_chose_is_not_imported(tools: list[Tool], start: Start) -> None:
    start(tools=tools[:1])
    assert "acme_notes" not in sys.modules

    runtime = start({"tools": {"groups": ["notes"]}})
    assert runtime.toolset["read_note"].owner == "acme:notes"
    assert "acme_notes" in sys.modules


def test_groups_given_in_code_stand_in_place_of_the_configured_ones(start: Start) -> None:
    config: dict[str, object] = {"tools": {"groups": ["nothing"]}}

    assert start(config, groups=["acme:notes", "acme:notes"], tools=[]).toolset.names == ("read_note",)
    assert start(config, groups=[], tools=[]).toolset.names == ()


def test_a_group_that_there_is_not_is_an_error_with_the_closest_one(start: Start) -> None:
    with pytest.raises(ConfigError) as caught:
        start({"tools": {"groups": ["note"]}})

    diagnostic = caught.value.diagnostic
    assert (diagnostic.code, diagnostic.message) == ("invalid-config", "There is no tool group 'note'.")
    assert diagnostic.asked_by == "the configuration: tools.groups"
    assert diagnostic.looked_in == "entry points 'orket.tools'"
    assert "notes" in diagnostic.found
    assert diagnostic.hint == "did you mean 'notes'?"


def test_a_group_that_code_asked_for_is_not_laid_to_the_configuration(start: Start) -> None:
    with pytest.raises(ConfigError) as caught:
        start({"tools": {"groups": ["notes"]}}, groups=["note"])

    assert caught.value.diagnostic.asked_by == "Runtime(groups=…)"


def test_a_group_that_is_no_toolset_is_an_error(start: Start) -> None:
    with pytest.raises(ConfigError, match="Tool group 'odd' is a list, not a Toolset"):
        start({"tools": {"groups": ["odd"]}})


def test_a_group_of_two_distributions_is_an_error_that_names_both(start: Start, wheel: Wheel) -> None:
    wheel("rival", {}, "[orket.tools]\nnotes = acme_notes:NOTES\n")
    with pytest.raises(ConfigError) as caught:
        start({"tools": {"groups": ["notes"]}})

    assert caught.value.diagnostic.message == "2 distributions ship a tool group 'notes'."
    assert set(caught.value.diagnostic.found.split(", ")) == {"acme:notes", "rival:notes"}


def test_a_tool_of_a_group_and_one_of_the_application_do_not_hide_each_other(start: Start) -> None:
    mine = tool(name="read_note")(lambda: "mine").with_(owner="app")
    with pytest.raises(ConfigError) as caught:
        start({"tools": {"groups": ["notes"]}}, tools=[mine])

    assert caught.value.diagnostic.message == "Two tools are named 'read_note'."
    assert caught.value.diagnostic.found == "one from acme:notes, one from app"


def test_the_application_classifies_tools_whose_effects_nobody_declared(
    tools: list[Tool], start: Start
) -> None:
    effects = {"for*": ["read"], "write": ["read"], "*eign": ["read", "network"]}
    toolset = start({"tools": {"effects": effects}}, tools=[foreign, tools[1]]).toolset

    assert toolset["foreign"].effects == {Effect.READ, Effect.NETWORK}
    assert toolset["write"].effects == {Effect.WRITE}
