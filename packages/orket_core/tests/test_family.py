"""Everything that a person writes of a family follows from its name."""

from __future__ import annotations

from importlib import import_module

import pytest

from orket.core.families import FAMILIES, TOOL_RUNNER, TOOL_STRATEGY
from orket.core.family import Family, NodeRef

PLANNER: Family[object] = Family(
    "planner",
    contract=2,
    protocol="acme.specs:Planner",
    distribution="acme",
    default="plain",
    checks=("pure",),
)


def ref(distribution: str = "acme", name: str = "plain") -> NodeRef:
    return NodeRef("orket.planner", name, "acme:Plain", distribution, "1.0", "/site/acme-1.0.dist-info")


def test_group_rule_and_variable_follow_from_the_name() -> None:
    assert (TOOL_STRATEGY.group, TOOL_STRATEGY.rule, TOOL_STRATEGY.variable) == (
        "orket.tool_strategy",
        "tool_strategy_node",
        "ORKET_TOOL_STRATEGY_NODE",
    )
    assert (PLANNER.group, PLANNER.rule, PLANNER.variable) == (
        "orket.planner",
        "planner_node",
        "ORKET_PLANNER_NODE",
    )


def test_only_the_declared_distribution_ships_the_default() -> None:
    assert PLANNER.is_default(ref())
    assert not PLANNER.is_default(ref(distribution="stranger"))
    assert not PLANNER.is_default(ref(name="other"))


def test_a_node_has_a_qualified_name_and_an_identity() -> None:
    node = ref("acme-planners", "deep")
    assert node.family == "planner"
    assert node.qualified == "acme-planners:deep"
    assert node.identity == "planner/acme-planners:deep"


def test_families_are_keys_by_what_they_are_and_not_by_their_name() -> None:
    twin: Family[object] = Family(
        "planner", contract=2, protocol="acme.specs:Planner", distribution="acme", default="plain", checks=()
    )
    assert len({PLANNER, twin, TOOL_STRATEGY}) == 3


def test_a_family_says_its_name() -> None:
    assert repr(TOOL_STRATEGY) == "Family('tool_strategy')"


@pytest.mark.parametrize("family", FAMILIES, ids=repr)
def test_the_contract_of_a_family_is_where_it_says(family: Family[object]) -> None:
    module, _, name = family.protocol.partition(":")
    protocol: object = getattr(import_module(module), name)
    assert any(hasattr(getattr(protocol, member), "orket_spec") for member in dir(protocol))


@pytest.mark.parametrize("family", FAMILIES, ids=repr)
def test_no_check_is_required_twice(family: Family[object]) -> None:
    assert family.checks
    assert len(set(family.checks)) == len(family.checks)


def test_evidence_for_a_runner_holds_only_where_it_was_made() -> None:
    assert (TOOL_RUNNER.platform_bound, TOOL_STRATEGY.platform_bound) == (True, False)
