"""What may be configured, what holds by default, and how a wrong word is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.core.errors import ConfigError
from orket.core.families import TOOL_RUNNER, TOOL_STRATEGY
from orket.core.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def refusal(config: dict[str, object], file: str | None = "/app/orket.toml") -> str:
    with pytest.raises(ConfigError) as caught:
        Settings(config, file=file)
    return str(caught.value)


# What may not be said


def test_an_unknown_key_is_an_error_with_a_close_match() -> None:
    assert refusal({"process_rules": {"tool_stratgy_node": "x"}}) == (
        "error: invalid-config\n"
        "  There is no key 'process_rules.tool_stratgy_node'.\n"
        "  looked in: /app/orket.toml\n"
        "  found:     tool_strategy_node, tool_runner_node, on_unusable_node, allowed_nodes\n"
        "  hint:      did you mean 'tool_strategy_node'?"
    )


def test_an_unknown_table_without_a_close_match_points_to_the_documentation() -> None:
    assert refusal({"colours": {}}, file=None) == (
        "error: invalid-config\n"
        "  There is no key 'colours'.\n"
        "  looked in: the configuration\n"
        "  found:     process_rules, nodes, gate, plugins, tools, observers, workspace, limits\n"
        "  hint:      see docs/configuration.md for every key"
    )


def test_an_unknown_family_is_an_error_wherever_families_are_keys() -> None:
    assert "There is no key 'nodes.tool_strategi'." in refusal({"nodes": {"tool_strategi": {}}})
    assert "There is no key 'process_rules.allowed_nodes.runner'." in refusal(
        {"process_rules": {"allowed_nodes": {"runner": ["inline"]}}}
    )


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"gate": "warn"}, "'gate' must be a table, not 'warn'."),
        ({"gate": {"mode": "off"}}, """'gate.mode' must be "enforce" or "warn", not 'off'."""),
        (
            {"gate": {"nodes": {"mine": {"mode": True}}}},
            """'gate.nodes.mine.mode' must be "enforce" or "warn", not True.""",
        ),
        ({"gate": {"max_age_days": 0}}, "'gate.max_age_days' must be a number of days above 0, not 0."),
        ({"gate": {"evidence": ""}}, "'gate.evidence' must be a text that is not empty, not ''."),
        (
            {"process_rules": {"tool_strategy_node": ["a"]}},
            "'process_rules.tool_strategy_node' must be a text that is not empty, not ['a'].",
        ),
        (
            {"process_rules": {"on_unusable_node": "ignore"}},
            """'process_rules.on_unusable_node' must be "error" or "no-tools", not 'ignore'.""",
        ),
        (
            {"process_rules": {"allowed_nodes": ["read-only"]}},
            "'process_rules.allowed_nodes' must be a table, not ['read-only'].",
        ),
        (
            {"process_rules": {"allowed_nodes": {"tool_strategy": "read-only"}}},
            "'process_rules.allowed_nodes.tool_strategy' must be a list of texts that are not empty, not 'read-only'.",
        ),
        ({"nodes": {"tool_strategy": {"role": 1}}}, "'nodes.tool_strategy.role' must be a table, not 1."),
        ({"plugins": {"deny": [1]}}, "'plugins.deny' must be a list of texts that are not empty, not [1]."),
        (
            {"tools": {"effects": {"crm_*": ["reed"]}}},
            """'tools.effects.crm_*' must be a list out of "read", "write", "network", "execute", not ['reed'].""",
        ),
        ({"limits": {"timeout": 0}}, "'limits.timeout' must be a number of seconds above 0, not 0."),
        ({"limits": {"timeout": True}}, "'limits.timeout' must be a number of seconds above 0, not True."),
        (
            {"limits": {"timeout": float("nan")}},
            "'limits.timeout' must be a number of seconds above 0, not nan.",
        ),
        ({"limits": {"concurrency": 1.5}}, "'limits.concurrency' must be a whole number above 0, not 1.5."),
        ({"limits": {"max_output": -1}}, "'limits.max_output' must be a whole number above 0, not -1."),
        ({"limits": {"max_output": "64k"}}, "'limits.max_output' must be a whole number above 0, not '64k'."),
    ],
)
def test_a_value_of_another_kind_is_an_error_that_says_what_belongs_there(
    config: dict[str, object], message: str
) -> None:
    assert refusal(config) == f"error: invalid-config\n  {message}\n  looked in: /app/orket.toml"


def test_rules_that_are_passed_are_checked_like_a_file() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings().with_rules("rules", "Runtime(process_rules=…)", {"tool_strategy": "x"})
    assert str(caught.value) == (
        "error: invalid-config\n"
        "  There is no key 'process_rules.tool_strategy'.\n"
        "  looked in: Runtime(process_rules=…)\n"
        "  found:     tool_strategy_node, tool_runner_node, on_unusable_node, allowed_nodes\n"
        "  hint:      did you mean 'tool_strategy_node'?"
    )


# What was said


def test_options_come_with_their_place() -> None:
    config: dict[str, object] = {"nodes": {"tool_strategy": {"role": {"roles": {"coder": ["read_file"]}}}}}
    settings = Settings(config, file="/app/orket.toml")
    assert settings.options(TOOL_STRATEGY, "role") == (
        "/app/orket.toml: nodes.tool_strategy.role",
        {"roles": {"coder": ["read_file"]}},
    )
    assert settings.options(TOOL_RUNNER, "role") == ("/app/orket.toml: nodes.tool_runner.role", {})
    assert Settings().options(TOOL_STRATEGY, "role") == ("the configuration: nodes.tool_strategy.role", {})


def test_the_gate_is_enforced_unless_the_configuration_says_otherwise() -> None:
    assert Settings().policy("mine").mode == "enforce"
    assert Settings({"gate": {"mode": "warn"}}).policy("mine").mode == "warn"


def test_the_gate_of_one_node_beats_the_gate_of_all() -> None:
    settings = Settings({"gate": {"mode": "warn", "nodes": {"mine": {"mode": "enforce"}}}})
    assert (settings.policy("mine").mode, settings.policy("yours").mode) == ("enforce", "warn")


def test_what_is_said_of_a_whole_name_comes_before_what_is_said_of_the_name() -> None:
    """Where two distributions ship a name, a stricter word about one of them must not be passed over."""
    said: dict[str, object] = {
        "gate": {"mode": "warn", "nodes": {"acme:role": {"mode": "enforce"}, "quiet": {"mode": "enforce"}}},
        "nodes": {"tool_strategy": {"acme:role": {"x": 1}, "role": {"x": 2}}},
    }
    settings = Settings(said, file="/app/orket.toml")
    nodes = ("acme:role", "other:role", "acme:quiet")
    assert [settings.policy(node).mode for node in nodes] == ["enforce", "warn", "enforce"]
    assert settings.options(TOOL_STRATEGY, "acme:role") == (
        "/app/orket.toml: nodes.tool_strategy.acme:role",
        {"x": 1},
    )
    assert settings.options(TOOL_STRATEGY, "other:role")[1] == {"x": 2}


def test_the_age_of_a_proof_matters_only_where_configured() -> None:
    assert Settings().policy("mine").max_age_days is None
    assert Settings({"gate": {"max_age_days": 30}}).policy("mine").max_age_days == 30


def test_relative_paths_start_at_the_file_and_else_at_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config: dict[str, object] = {"gate": {"evidence": "proofs"}}
    assert Settings(config, file="/app/orket.toml").evidence == "/app/proofs"
    assert Settings(config).evidence == str(tmp_path / "proofs")
    assert Settings(file="/app/orket.toml").evidence == "/app/.orket/evidence"
    assert Settings({"gate": {"evidence": "/var/proofs"}}, file="/app/orket.toml").evidence == "/var/proofs"


def test_a_node_that_cannot_be_used_is_an_error_by_default() -> None:
    assert not Settings().without_tools
    assert Settings({"process_rules": {"on_unusable_node": "no-tools"}}).without_tools


def test_every_list_of_allowed_nodes_binds_with_its_source() -> None:
    config: dict[str, object] = {"process_rules": {"allowed_nodes": {"tool_strategy": ["a", "b"]}}}
    settings = Settings(config).with_rules("rules", "here", {"allowed_nodes": {"tool_strategy": ["b"]}})
    assert [(str(source), names) for source, names in settings.allowed_nodes(TOOL_STRATEGY)] == [
        ("here (rules)", ("b",)),
        ("process_rules.allowed_nodes (file)", ("a", "b")),
    ]
    assert settings.allowed_nodes(TOOL_RUNNER) == ()


# The brake


def test_every_effect_is_allowed_by_default() -> None:
    assert Settings().allow_effects == ("read", "write", "network", "execute")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("read", ("read",)),
        ("write,read", ("read", "write")),
        (" read , network ", ("read", "network")),
        ("read write", ("read", "write")),
        ("none", ()),
    ],
)
def test_the_environment_names_the_allowed_effects(text: str, allowed: tuple[str, ...]) -> None:
    assert Settings(environ={"ORKET_ALLOW_EFFECTS": text}).allow_effects == allowed


def test_file_and_environment_narrow_each_other_and_neither_widens() -> None:
    config: dict[str, object] = {"limits": {"allow_effects": ["read", "write"]}}
    assert Settings(config, environ={"ORKET_ALLOW_EFFECTS": "write,execute"}).allow_effects == ("write",)
    assert Settings(config, environ={"ORKET_ALLOW_EFFECTS": "execute"}).allow_effects == ()


@pytest.mark.parametrize(
    ("text", "effect", "hint"),
    [
        ("reed", "reed", "did you mean 'read'?"),
        ("write, none", "none", "separate effects by commas, or write none"),
    ],
)
def test_an_effect_that_there_is_not_is_an_error_and_allows_nothing(
    text: str, effect: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings(environ={"ORKET_ALLOW_EFFECTS": text})
    assert str(caught.value) == (
        "error: invalid-config\n"
        f"  There is no effect '{effect}'.\n"
        "  asked by:  ORKET_ALLOW_EFFECTS (environment)\n"
        "  found:     read, write, network, execute\n"
        f"  hint:      {hint}"
    )


def test_a_variable_that_nothing_reads_is_told_with_the_one_that_may_be_meant() -> None:
    environ = {
        "ORKET_TOOL_STRATEGY": "x",
        "ORKET_ALLOW_EFFECTS": "read",
        "PATH": "/bin",
        "ORKET_ZZZZZZZZ": "1",
    }
    assert Settings(environ=environ).unknown_variables == {
        "ORKET_ZZZZZZZZ": "",
        "ORKET_TOOL_STRATEGY": "did you mean 'ORKET_TOOL_STRATEGY_NODE'?",
    }
