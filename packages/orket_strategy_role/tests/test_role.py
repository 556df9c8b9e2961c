"""The node `role` offers the tools that its table has for the leading role."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from orket.strategies.role import Role
from orket.testkit import conformance
from orket.testkit.fakes import toolset, turn

TestConformance = conformance("tool_strategy", "role")

TOOLS = toolset(peek={"read"}, put={"write"}, run={"execute"})


def role(**roles: list[str]) -> Role:
    """The node with this table."""
    return Role(Role.Options(roles=roles))


def test_the_leading_role_decides() -> None:
    node = role(coder=["put", "run"], reviewer=["peek"])

    assert node.compose(TOOLS, turn("coder", "reviewer")).names == ("put", "run")
    assert node.compose(TOOLS, turn("reviewer", "coder")).names == ("peek",)


def test_the_order_is_the_applications() -> None:
    assert role(coder=["run", "peek"]).compose(TOOLS, turn("coder")).names == ("peek", "run")


def test_a_tool_that_the_application_does_not_have_adds_nothing() -> None:
    assert role(coder=["peek", "fly"]).compose(TOOLS, turn("coder")).names == ("peek",)


def test_a_tool_of_another_role_is_absent_for_that_reason() -> None:
    offered = role(coder=["peek"]).compose(TOOLS, turn("coder"))

    assert offered.why("put") == "'put' is absent: role strategy: not a tool of the role 'coder'"


def test_an_unknown_role_has_no_tools() -> None:
    offered = role(coder=["peek"]).compose(TOOLS, turn("tester"))

    assert offered.names == ()
    assert offered.why("peek") == "'peek' is absent: role strategy: there is no role 'tester' in the table"


def test_no_role_has_no_tools() -> None:
    offered = role(coder=["peek"]).compose(TOOLS, turn())

    assert offered.names == ()
    assert offered.why("peek") == "'peek' is absent: role strategy: the agent acts in no role"


def test_a_role_without_tools_has_none() -> None:
    assert role(idle=[]).compose(TOOLS, turn("idle")).names == ()


@pytest.mark.parametrize("options", [{}, {"roles": ["coder"]}, {"roles": {}, "rolse": {}}])
def test_options_have_a_table_of_roles_and_nothing_else(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Role.Options.model_validate(options)
