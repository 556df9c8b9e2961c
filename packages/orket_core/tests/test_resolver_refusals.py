"""Why a family gets no node: unknown, forbidden, denied; word for word."""

from __future__ import annotations

from orket.core.discovery import Catalog
from orket.core.errors import Diagnostic
from orket.core.families import TOOL_RUNNER, TOOL_STRATEGY
from orket.core.family import NodeRef
from orket.core.resolver import Resolution, resolve
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
ACME = node("acme:reviewer")


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


# unknown-node


def test_a_misspelt_name_is_unknown_and_the_closest_is_proposed() -> None:
    assert refusal(resolve(TOOL_STRATEGY, asked("read_only"), catalog(*SHIPPED))) == (
        "error: unknown-node\n"
        "  No node 'read_only' for family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: entry points 'orket.tool_strategy', 4 distributions\n"
        "  found:     approval, default, read-only, role\n"
        "  hint:      did you mean 'read-only'?"
    )


def test_a_name_that_is_near_to_none_is_unknown() -> None:
    settings = Settings({"process_rules": {"tool_strategy_node": "xyz"}}, file="/app/orket.toml")
    assert refusal(resolve(TOOL_STRATEGY, settings, catalog(DEFAULT))) == (
        "error: unknown-node\n"
        "  No node 'xyz' for family 'tool_strategy'.\n"
        "  asked by:  /app/orket.toml: process_rules.tool_strategy_node (file)\n"
        "  looked in: entry points 'orket.tool_strategy', 1 distribution\n"
        "  found:     default\n"
        "  hint:      see 'orket nodes' for what is installed"
    )


def test_the_right_name_in_another_group_is_a_near_miss() -> None:
    miss = node("acme:reviewer", group="orket.tool_strategies")
    assert refusal(resolve(TOOL_STRATEGY, asked("reviewer"), catalog(DEFAULT, miss))) == (
        "error: unknown-node\n"
        "  No node 'reviewer' for family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: entry points 'orket.tool_strategy', 1 distribution\n"
        "  found:     default\n"
        "  hint:      'acme:reviewer' is in the entry-point group 'orket.tool_strategies', not in 'orket.tool_strategy'"
    )


def test_the_right_name_of_another_distribution_is_a_near_miss() -> None:
    assert refusal(resolve(TOOL_STRATEGY, asked("acme:role"), catalog(DEFAULT, ROLE))) == (
        "error: unknown-node\n"
        "  No node 'acme:role' for family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: entry points 'orket.tool_strategy', 2 distributions\n"
        "  found:     default, role\n"
        "  hint:      did you mean 'orket-strategy-role:role'?"
    )


def test_a_node_that_an_earlier_installation_hides_is_a_near_miss() -> None:
    hidden = node("acme:reviewer", version="0.9")
    assert refusal(resolve(TOOL_STRATEGY, asked("reviewer"), catalog(DEFAULT, shadowed=(hidden,)))) == (
        "error: unknown-node\n"
        "  No node 'reviewer' for family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: entry points 'orket.tool_strategy', 1 distribution\n"
        "  found:     default\n"
        "  hint:      'acme:reviewer' in /site/acme-0.9.dist-info is hidden by an earlier installation"
    )


def test_broken_metadata_may_be_why_a_node_is_unknown() -> None:
    problem = Diagnostic("broken-metadata", "It cannot be read.")
    resolution = resolve(TOOL_STRATEGY, asked("reviewer"), catalog(DEFAULT, problems=(problem,)))
    assert refusal(resolution).endswith(
        "  hint:      some installed metadata cannot be used: see 'orket doctor'"
    )


def test_a_problem_of_another_kind_is_no_reason() -> None:
    problem = Diagnostic("duplicate-node", "Two are called alike.")
    resolution = resolve(TOOL_STRATEGY, asked("reviewer"), catalog(DEFAULT, problems=(problem,)))
    assert refusal(resolution).endswith("  hint:      see 'orket nodes' for what is installed")


def test_every_reason_that_may_hold_is_told() -> None:
    miss = node("acme:read_only", group="orket.tools")
    problem = Diagnostic("leftover", "It was left behind.")
    resolution = resolve(TOOL_STRATEGY, asked("read_only"), catalog(READ_ONLY, miss, problems=(problem,)))
    assert refusal(resolution).endswith(
        "  hint:      did you mean 'read-only'?; "
        "'acme:read_only' is in the entry-point group 'orket.tools', not in 'orket.tool_strategy'; "
        "some installed metadata cannot be used: see 'orket doctor'"
    )


def test_where_nothing_is_installed_even_the_default_is_unknown() -> None:
    assert refusal(resolve(TOOL_RUNNER, Settings(), catalog())) == (
        "error: unknown-node\n"
        "  No node 'orket-core:inline' for family 'tool_runner'.\n"
        "  asked by:  orket-core (default)\n"
        "  looked in: entry points 'orket.tool_runner', 0 distributions\n"
        "  found:     no node at all\n"
        "  hint:      install 'orket-core' so that its metadata is there"
    )


# forbidden-node


def test_a_node_that_is_not_allowed_is_forbidden() -> None:
    settings = asked("approval", allowed("read-only", "role"))
    assert refusal(resolve(TOOL_STRATEGY, settings, catalog(*SHIPPED))) == (
        "error: forbidden-node\n"
        "  Node 'approval' is not among the allowed nodes of family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: /app/orket.toml: process_rules.allowed_nodes (file)\n"
        "  found:     read-only, role\n"
        "  hint:      name an allowed node"
    )


def test_allowed_nodes_bind_the_default_too() -> None:
    settings = Settings(allowed("read-only"), file="/app/orket.toml")
    assert refusal(resolve(TOOL_STRATEGY, settings, catalog(*SHIPPED))) == (
        "error: forbidden-node\n"
        "  Node 'default' is not among the allowed nodes of family 'tool_strategy'.\n"
        "  asked by:  orket-core (default)\n"
        "  looked in: /app/orket.toml: process_rules.allowed_nodes (file)\n"
        "  found:     read-only\n"
        "  hint:      name an allowed node"
    )


def test_allowed_nodes_bind_every_source() -> None:
    said: dict[str, object] = {"tool_strategy_node": "role"}
    by_file = Settings({"process_rules": {"allowed_nodes": {"tool_strategy": ["read-only"]}, **said}})
    plain = Settings(allowed("read-only"))
    for settings in (
        by_file,
        plain.with_rules("rules", "here", said),
        plain.with_rules("operator", "here", said),
        asked("role", allowed("read-only")),
        plain.with_rules("argument", "here", said),
    ):
        resolution = resolve(TOOL_STRATEGY, settings, catalog(*SHIPPED))
        assert "forbidden-node" in refusal(resolution), resolution.decided


def test_a_node_must_be_on_every_list() -> None:
    settings = asked("role", allowed("role", "read-only")).with_rules(
        "rules", "Runtime(process_rules=…)", {"allowed_nodes": {"tool_strategy": ["read-only", "approval"]}}
    )
    shipped = catalog(*SHIPPED)
    assert refusal(resolve(TOOL_STRATEGY, settings, shipped)) == (
        "error: forbidden-node\n"
        "  Node 'role' is not among the allowed nodes of family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: Runtime(process_rules=…) (rules)\n"
        "  found:     read-only, approval\n"
        "  hint:      name an allowed node"
    )
    argued = settings.with_rules("argument", "here", {"tool_strategy_node": "approval"})
    assert "looked in: /app/orket.toml: process_rules.allowed_nodes (file)" in refusal(
        resolve(TOOL_STRATEGY, argued, shipped)
    )
    on_both = settings.with_rules("argument", "here", {"tool_strategy_node": "read-only"})
    assert chosen(resolve(TOOL_STRATEGY, on_both, shipped)) == "orket-strategy-read-only:read-only"


def test_an_empty_list_allows_no_node() -> None:
    assert refusal(resolve(TOOL_STRATEGY, asked("role", allowed()), catalog(*SHIPPED))).endswith(
        "  found:     an empty list\n  hint:      the list allows no node at all"
    )


def test_a_list_for_one_family_leaves_the_others_free() -> None:
    runner = node("orket-core:inline", group="orket.tool_runner")
    settings = Settings(allowed("read-only"))
    assert chosen(resolve(TOOL_RUNNER, settings, catalog(runner))) == "orket-core:inline"


# denied-distribution


def test_a_denied_distribution_supplies_nothing() -> None:
    settings = asked("reviewer", {"plugins": {"deny": ["leftpad-*", "ac*"]}})
    assert refusal(resolve(TOOL_STRATEGY, settings, catalog(ACME, DEFAULT))) == (
        "error: denied-distribution\n"
        "  Distribution 'acme' may not supply anything, so 'reviewer' cannot be used.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: /app/orket.toml: plugins.deny\n"
        "  found:     ac*\n"
        "  hint:      use what another distribution supplies, or change the list"
    )


def test_a_list_of_allowed_distributions_denies_all_others() -> None:
    settings = asked("reviewer", {"plugins": {"allow": ["orket-*", "beta"]}})
    assert refusal(resolve(TOOL_STRATEGY, settings, catalog(ACME, DEFAULT))) == (
        "error: denied-distribution\n"
        "  Distribution 'acme' may not supply anything, so 'reviewer' cannot be used.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: /app/orket.toml: plugins.allow\n"
        "  found:     orket-*, beta\n"
        "  hint:      use what another distribution supplies, or change the list"
    )


def test_denial_beats_allowance() -> None:
    settings = asked("reviewer", {"plugins": {"allow": ["acme"], "deny": ["acme"]}})
    assert "looked in: /app/orket.toml: plugins.deny" in refusal(
        resolve(TOOL_STRATEGY, settings, catalog(ACME))
    )


def test_an_empty_list_of_allowed_distributions_denies_all() -> None:
    settings = Settings({"plugins": {"allow": []}})
    assert "found:     an empty list" in refusal(resolve(TOOL_STRATEGY, settings, catalog(DEFAULT)))


def test_a_list_holds_however_it_spells_a_distribution() -> None:
    """A deny list that misses by spelling would let in what it names."""
    stranger = node("acme-strategies:reviewer")
    for spelling in ("Acme_Strategies", "acme.strategies", "ACME-*"):
        denying = asked("reviewer", {"plugins": {"deny": [spelling]}})
        assert "denied-distribution" in refusal(resolve(TOOL_STRATEGY, denying, catalog(stranger)))
        allowing = asked("reviewer", {"plugins": {"allow": [spelling]}})
        assert chosen(resolve(TOOL_STRATEGY, allowing, catalog(stranger))) == "acme-strategies:reviewer"
