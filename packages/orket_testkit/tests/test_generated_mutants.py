"""Hardly any change to the source of Orket's own strategies gets past the laws; each that does is explained."""

from __future__ import annotations

import pytest

from orket.core import Settings
from orket.testkit.proof import subject_named
from orket.testkit.subject import Plan
from orket.testkit.zoo.operators import generated
from orket.testkit.zoo.survivors import EXPLAINED, judged

SOURCE = '''\
"""What it is."""
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from x import Y
__all__ = ["Node"]
class Node:
    def compose(self, toolset: Toolset, context: Context = "coder"):
        """What it does."""
        if not context.role:
            return toolset.where(lambda _: False, why="no role")
        return toolset.only(*self.names[context.role], strict=True)
'''


@pytest.mark.parametrize("node", sorted(EXPLAINED))
def test_what_survives_is_explained(node: str) -> None:
    pytest.importorskip("orket.strategies", reason="the strategies are not installed beside the testkit")
    subject, _ = subject_named(node, "tool_strategy", Settings())

    surviving = {one.mutant.name for one in judged(subject, Plan(examples=2)) if not one.rejected_by}

    assert surviving == set(EXPLAINED[node])


def test_every_place_is_changed_that_is_not_for_types_or_for_readers() -> None:
    assert [mutant.name for mutant in generated(SOURCE)] == [
        "return the input: toolset.only(*self.names[context.role], strict=True)",
        "return nothing of it: toolset.only(*self.names[context.role], strict=True)",
        "return the input: toolset.where(lambda _: False, why='no role')",
        "leave out: if not context.role:",
        "another text: 'coder'",
        "negate: not context.role",
        "drop keyword: why of toolset.where",
        "always True: lambda _: False",
        "drop keyword: strict of toolset.only",
        "flip: True",
    ]


def test_no_two_mutants_are_the_same() -> None:
    sources = [mutant.source for mutant in generated(SOURCE)]

    assert len(set(sources)) == len(sources)
