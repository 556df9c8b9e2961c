"""No law is dead weight: without any one of them, a broken strategy would get through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.testkit.checks import laws_of
from orket.testkit.subject import Plan
from orket.testkit.zoo.mutants import MUTANTS
from orket.testkit.zoo.subjects import BY_THEMSELVES, subject_of

if TYPE_CHECKING:
    from orket.testkit.isolation import Isolation

PLAN = Plan(examples=5, seconds=6)

# Of the imports, one that ends well: the others let no law be asked at all.
WITNESSES = {entry.rejected_by: entry for entry in MUTANTS}


@pytest.mark.parametrize("law", BY_THEMSELVES)
def test_a_broken_strategy_passes_every_law_but_this_one(law: str, isolation: Isolation) -> None:
    subject = subject_of(WITNESSES[law])
    others = [
        other for other in laws_of("tool_strategy").values() if other.id in BY_THEMSELVES and other.id != law
    ]

    rejecting = [other.id for other in others if not isolation.run(other, subject, PLAN).passed]

    assert rejecting == []
    assert not isolation.run(laws_of("tool_strategy")[law], subject, PLAN).passed
