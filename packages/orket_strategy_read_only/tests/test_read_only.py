"""The node `read-only` offers what only reads, as the application made it."""

from __future__ import annotations

import pytest

from orket.strategies.read_only import ReadOnly
from orket.testkit import conformance
from orket.testkit.fakes import toolset, turn

TestConformance = conformance("tool_strategy", "read-only")


@pytest.mark.parametrize("roles", [(), ("coder",), ("reviewer", "coder")])
def test_what_only_reads_is_offered_in_every_role(roles: tuple[str, ...]) -> None:
    tools = toolset(peek={"read"}, ponder=(), put={"write"}, fetch={"read", "network"}, run={"execute"})

    assert ReadOnly().compose(tools, turn(*roles)).names == ("peek", "ponder")


def test_a_tool_that_declares_no_effects_is_trusted_least() -> None:
    offered = ReadOnly().compose(toolset(foreign=None), turn())

    assert offered.names == ()
    assert offered.why("foreign") == "'foreign' is absent: read-only strategy: it may do more than read"


def test_what_is_offered_is_the_applications_own_tool() -> None:
    tools = toolset(peek={"read"})

    assert ReadOnly().compose(tools, turn())["peek"] is tools["peek"]
