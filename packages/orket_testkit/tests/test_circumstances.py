"""The circumstances that a node is checked under."""

from __future__ import annotations

import re

import pytest

from orket.core import NodeRef, TurnContext
from orket.core.proving import Declaration
from orket.testkit.circumstances import Circumstance, circumstances
from orket.testkit.subject import Plan, Subject
from orket.testkit.zoo.equivalents import EQUIVALENTS
from orket.testkit.zoo.subjects import subject_of

NONE, UNKNOWN = TurnContext(), TurnContext(session_id="session-1", roles=("no such role",))
WITH_OPTIONS = subject_of(next(entry for entry in EQUIVALENTS if entry.name == "has-options"))
WITHOUT_OPTIONS = subject_of(next(entry for entry in EQUIVALENTS if entry.name == "inherits"))


def test_a_circumstance_is_the_same_after_it_was_plain_json() -> None:
    one = Circumstance({"limit": 2}, TurnContext(roles=("coder",), model="m", turn=3, extra={"a": [1]}))

    assert Circumstance.from_dict(one.as_dict()) == one
    assert one.as_dict() == {
        "options": {"limit": 2},
        "roles": ["coder"],
        "model": "m",
        "turn": 3,
        "extra": {"a": [1]},
    }


def test_keys_of_another_meaning_are_passed_over() -> None:
    given = {"roles": ["coder"], "expect": ["read_file"], "toolset": "baseline"}

    assert Circumstance.from_dict(given) == Circumstance({}, TurnContext(roles=("coder",)))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"roles": "coder"}, "'roles' must be a list, not 'coder'"),
        ({"roles": [1]}, "'roles' must be a list of texts, not [1]"),
        ({"options": []}, "'options' must be a dict, not []"),
        ({"turn": True}, "'turn' must be a int, not True"),
    ],
)
def test_a_value_of_another_type_is_named(given: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        Circumstance.from_dict(given)


def test_a_node_without_options_is_tried_without_a_role_with_an_unknown_one_and_with_several() -> None:
    found = circumstances(WITHOUT_OPTIONS, Plan())

    assert [one.context.roles for one in found] == [(), ("no such role",), ("coder", "reviewer")]
    assert {str(one.options) for one in found} == {"{}"}


def test_cases_come_first_and_their_options_are_tried_in_other_contexts_too() -> None:
    found = circumstances(WITH_OPTIONS, Plan(examples=1))
    first = Circumstance({"limits": {"coder": 2}}, TurnContext(roles=("coder",)))

    assert found[0] == first
    assert all(Circumstance(first.options, context) in found for context in (NONE, UNKNOWN))


def test_as_many_options_are_generated_as_the_plan_says_and_each_is_accepted() -> None:
    frozen = circumstances(WITH_OPTIONS, Plan(examples=1))
    found = circumstances(WITH_OPTIONS, Plan(examples=20))

    assert len(found) == len(frozen) + 19
    assert all(WITH_OPTIONS.make(one.options) for one in found)


def test_the_same_seed_gives_the_same_and_another_gives_others() -> None:
    assert circumstances(WITH_OPTIONS, Plan(seed=1)) == circumstances(WITH_OPTIONS, Plan(seed=1))
    assert circumstances(WITH_OPTIONS, Plan(seed=1)) != circumstances(WITH_OPTIONS, Plan(seed=2))


def test_a_trace_to_replay_stands_in_the_place_of_everything_else() -> None:
    plan = Plan(replay={"options": {"otherwise": 3}, "roles": ["coder"], "toolset": "one"})

    assert circumstances(WITH_OPTIONS, plan) == (
        Circumstance({"otherwise": 3}, TurnContext(roles=("coder",))),
    )


def test_there_are_none_for_a_node_that_cannot_be_loaded() -> None:
    ref = NodeRef("orket.tool_strategy", "lost", "no_such_module:Node", "acme", "1", "")

    assert circumstances(Subject(ref, Declaration()), Plan()) == ()
