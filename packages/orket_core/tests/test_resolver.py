"""Which node a family gets, by names alone."""

from __future__ import annotations

from orket.core.discovery import Catalog
from orket.core.errors import Diagnostic
from orket.core.families import TOOL_STRATEGY
from orket.core.family import NodeRef
from orket.core.resolver import Rejection, Resolution, resolve
from orket.core.settings import Settings

VARIABLE = "ORKET_TOOL_STRATEGY_NODE"


def node(
    qualified: str, *, group: str = "orket.tool_strategy", version: str = "1.0", value: str = ""
) -> NodeRef:
    distribution, _, name = qualified.partition(":")
    value = value or f"{distribution}:{name.title()}"
    return NodeRef(group, name, value, distribution, version, f"/site/{distribution}-{version}.dist-info")


DEFAULT = node("orket-core:default")
READ_ONLY = node("orket-strategy-read-only:read-only")
ROLE = node("orket-strategy-role:role")
APPROVAL = node("orket-strategy-approval:approval")
SHIPPED = (DEFAULT, APPROVAL, READ_ONLY, ROLE)


def catalog(
    *refs: NodeRef, shadowed: tuple[NodeRef, ...] = (), problems: tuple[Diagnostic, ...] = ()
) -> Catalog:
    return Catalog(refs, shadowed, problems, {ref.distribution: ref.location for ref in refs})


def asked(name: str, config: dict[str, object] | None = None) -> Settings:
    return Settings(config, file="/app/orket.toml", environ={VARIABLE: name})


def allowed(*names: str) -> dict[str, object]:
    return {"process_rules": {"allowed_nodes": {"tool_strategy": list(names)}}}


def chosen(resolution: Resolution) -> str:
    assert resolution.node is not None, resolution.error and resolution.error.render()
    assert resolution.error is None
    return resolution.node.qualified


def refusal(resolution: Resolution) -> str:
    assert resolution.node is None
    assert resolution.error is not None
    return resolution.error.render()


# Chosen


def test_without_a_word_the_default_is_chosen() -> None:
    assert chosen(resolve(TOOL_STRATEGY, Settings(), catalog(*SHIPPED))) == "orket-core:default"


def test_the_node_that_is_named_is_chosen() -> None:
    assert chosen(resolve(TOOL_STRATEGY, asked("role"), catalog(*SHIPPED))) == "orket-strategy-role:role"


def test_a_qualified_name_chooses_as_well() -> None:
    settings = asked("orket-strategy-role:role")
    assert chosen(resolve(TOOL_STRATEGY, settings, catalog(*SHIPPED))) == "orket-strategy-role:role"


def test_every_candidate_that_lost_has_its_reason() -> None:
    resolution = resolve(TOOL_STRATEGY, asked("role"), catalog(DEFAULT, READ_ONLY, ROLE))
    reason = "'role' was asked for, by ORKET_TOOL_STRATEGY_NODE (environment)"
    assert resolution.rejected == (
        Rejection("default", "orket-core", "not-asked", reason),
        Rejection("read-only", "orket-strategy-read-only", "not-asked", reason),
    )


def test_nodes_of_other_families_are_no_candidates() -> None:
    runner = node("acme:role", group="orket.tool_runner")
    resolution = resolve(TOOL_STRATEGY, asked("role"), catalog(DEFAULT, ROLE, runner))
    assert chosen(resolution) == "orket-strategy-role:role"
    assert [rejection.name for rejection in resolution.rejected] == ["default"]


def test_a_resolution_is_told_as_json() -> None:
    resolution = resolve(TOOL_STRATEGY, asked("role"), catalog(DEFAULT, ROLE))
    assert resolution.as_dict() == {
        "family": "tool_strategy",
        "node": {"name": "role", "distribution": "orket-strategy-role", "version": "1.0"},
        "source": {"kind": "environment", "where": "ORKET_TOOL_STRATEGY_NODE"},
        "considered": [
            {"source": {"kind": "environment", "where": "ORKET_TOOL_STRATEGY_NODE"}, "value": "role"},
            {"source": {"kind": "default", "where": "orket-core"}, "value": "orket-core:default"},
        ],
        "rejected": [
            {
                "name": "default",
                "distribution": "orket-core",
                "code": "not-asked",
                "reason": "'role' was asked for, by ORKET_TOOL_STRATEGY_NODE (environment)",
            }
        ],
        "gate": None,
    }


# A stranger's default


def test_a_strangers_default_changes_nothing_for_an_unconfigured_application() -> None:
    resolution = resolve(TOOL_STRATEGY, Settings(), catalog(node("acme:default"), DEFAULT))
    assert chosen(resolution) == "orket-core:default"
    assert resolution.rejected == (
        Rejection(
            "default", "acme", "not-asked", "'orket-core:default' was asked for, by orket-core (default)"
        ),
    )


def test_a_strangers_default_alone_is_not_the_default() -> None:
    assert refusal(resolve(TOOL_STRATEGY, Settings(), catalog(node("acme:default")))) == (
        "error: unknown-node\n"
        "  No node 'orket-core:default' for family 'tool_strategy'.\n"
        "  asked by:  orket-core (default)\n"
        "  looked in: entry points 'orket.tool_strategy', 1 distribution\n"
        "  found:     default\n"
        "  hint:      did you mean 'acme:default'?"
    )


# ambiguous-node

ACME, BETA = node("acme:reviewer"), node("beta:reviewer", version="2.1")


def test_a_name_that_two_distributions_ship_is_ambiguous() -> None:
    resolution = resolve(TOOL_STRATEGY, asked("reviewer"), catalog(ACME, BETA, DEFAULT))
    assert refusal(resolution) == (
        "error: ambiguous-node\n"
        "  2 distributions ship a node 'reviewer' for family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: entry points 'orket.tool_strategy'\n"
        "  found:     acme:reviewer (1.0), beta:reviewer (2.1)\n"
        "  hint:      say which: 'acme:reviewer' or 'beta:reviewer'"
    )
    assert [(one.distribution, one.code) for one in resolution.rejected] == [
        ("orket-core", "not-asked"),
        ("acme", "ambiguous-node"),
        ("beta", "ambiguous-node"),
    ]


def test_a_name_that_one_distribution_ships_twice_cannot_be_told_apart_by_qualifying() -> None:
    twins = (node("acme:reviewer", value="acme:One"), node("acme:reviewer", value="acme:Two"))
    assert refusal(resolve(TOOL_STRATEGY, asked("reviewer"), catalog(*twins))) == (
        "error: ambiguous-node\n"
        "  One distribution ships 2 times a node 'reviewer' for family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: entry points 'orket.tool_strategy'\n"
        "  found:     acme:reviewer = acme:One, acme:reviewer = acme:Two\n"
        "  hint:      keep one of its lines, or choose another node"
    )


def test_asking_for_default_is_ambiguous_where_a_stranger_ships_one() -> None:
    resolution = resolve(TOOL_STRATEGY, asked("default"), catalog(node("acme:default"), DEFAULT))
    assert refusal(resolution).endswith("  hint:      say which: 'acme:default' or 'orket-core:default'")


def test_qualification_settles_which() -> None:
    assert chosen(resolve(TOOL_STRATEGY, asked("beta:reviewer"), catalog(ACME, BETA))) == "beta:reviewer"


def test_denying_one_settles_which() -> None:
    settings = asked("reviewer", {"plugins": {"deny": ["acme"]}})
    assert chosen(resolve(TOOL_STRATEGY, settings, catalog(ACME, BETA))) == "beta:reviewer"


def test_allowing_one_distribution_settles_which() -> None:
    settings = asked("reviewer", {"plugins": {"allow": ["acme"]}})
    assert chosen(resolve(TOOL_STRATEGY, settings, catalog(ACME, BETA))) == "acme:reviewer"


def test_allowing_one_qualified_node_settles_which() -> None:
    settings = asked("reviewer", allowed("beta:reviewer"))
    assert chosen(resolve(TOOL_STRATEGY, settings, catalog(ACME, BETA))) == "beta:reviewer"


def test_only_the_contested_name_matters() -> None:
    problem = Diagnostic("broken-metadata", "It cannot be read.")
    resolution = resolve(TOOL_STRATEGY, asked("role"), catalog(ACME, BETA, ROLE, problems=(problem,)))
    assert chosen(resolution) == "orket-strategy-role:role"


# Refused after it was chosen

REFUSAL = Diagnostic("gate-missing", "Nothing proves it.")


def test_a_refused_node_is_no_candidate_and_nobody_takes_its_place() -> None:
    resolution = resolve(TOOL_STRATEGY, asked("role"), catalog(*SHIPPED), {ROLE.identity: REFUSAL})
    assert resolution.error == REFUSAL
    assert (
        Rejection("role", "orket-strategy-role", "gate-missing", "Nothing proves it.") in resolution.rejected
    )
    assert len(resolution.rejected) == len(SHIPPED)


def test_a_refusal_is_told_before_what_was_denied_on_purpose() -> None:
    settings = asked("reviewer", {"plugins": {"deny": ["acme"]}})
    resolution = resolve(TOOL_STRATEGY, settings, catalog(ACME, BETA), {BETA.identity: REFUSAL})
    assert resolution.error == REFUSAL
    assert [one.code for one in resolution.rejected] == ["denied-distribution", "gate-missing"]


def test_the_refusal_of_another_node_changes_nothing() -> None:
    resolution = resolve(TOOL_STRATEGY, asked("role"), catalog(*SHIPPED), {READ_ONLY.identity: REFUSAL})
    assert chosen(resolution) == "orket-strategy-role:role"
