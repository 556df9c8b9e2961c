"""`orket explain`: which node, asked by whom, who lost and why, and what the gate said."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from .conftest import Ran, Site

WARN = '[gate]\nmode = "warn"\n'


def test_facts_of_a_resolution(
    orket: Callable[..., Ran], site: Site, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install_calm()
    (work / "orket.toml").write_text(f'process_rules.tool_strategy_node = "default"\n{WARN}')
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "calm")

    ran = orket("explain", "tool_strategy", "--json")

    environment = {"kind": "environment", "where": "ORKET_TOOL_STRATEGY_NODE"}
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {
        "family": "tool_strategy",
        "node": {"name": "calm", "distribution": "acme", "version": "1.0"},
        "source": environment,
        "considered": [
            {"source": environment, "value": "calm"},
            {
                "source": {"kind": "file", "where": f"{work}/orket.toml: process_rules.tool_strategy_node"},
                "value": "default",
            },
            {"source": {"kind": "default", "where": "orket-core"}, "value": "orket-core:default"},
        ],
        "rejected": [
            {
                "name": "default",
                "distribution": "orket-core",
                "code": "not-asked",
                "reason": "'calm' was asked for, by ORKET_TOOL_STRATEGY_NODE (environment)",
            }
        ],
        "gate": {"mode": "warn", "verdict": "missing"},
    }


def test_a_person_reads_who_was_chosen_and_who_asked(orket: Callable[..., Ran], site: Site) -> None:
    site.install_calm()

    ran = orket("explain", "tool_strategy")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "tool_strategy:  default, of orket-core 0.1.0\n"
        "  asked by:     orket-core (default)\n"
        "  considered:   'orket-core:default', by orket-core (default), which decides\n"
        "  rejected:     acme:calm: not asked for\n"
        "  gate:         control: the default node is what others are compared with\n"
    )


def test_sources_are_shown_in_order_of_precedence(
    orket: Callable[..., Ran], work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "orket.toml").write_text('process_rules.tool_strategy_node = "default"\n')
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "calm")

    ran = orket("explain", "tool_strategy", "--simulate", "tool_strategy_node=orket-core:default")

    assert (
        "  considered:   'orket-core:default', by --simulate (argument), which decides\n"
        "                'calm', by ORKET_TOOL_STRATEGY_NODE (environment)\n"
        f"                'default', by {work}/orket.toml: process_rules.tool_strategy_node (file)\n"
        "                'orket-core:default', by orket-core (default)\n"
    ) in ran.out


def test_unproved_node_is_said_loudly(orket: Callable[..., Ran], site: Site, work: Path) -> None:
    site.install_calm()
    (work / "orket.toml").write_text(f'process_rules.tool_strategy_node = "calm"\n{WARN}')

    ran = orket("explain", "tool_strategy")

    assert ran.code == 0
    assert '  gate:         NOT PROVED (missing), and active all the same: mode is "warn"\n' in ran.out


def test_only_the_chosen_node_is_imported(orket: Callable[..., Ran], site: Site, work: Path) -> None:
    site.install_calm()
    site.install("bolt", "[orket.tool_strategy]\nloud = bolt_loud:Loud\n", {"bolt_loud.py": ""})
    (work / "orket.toml").write_text(f'process_rules.tool_strategy_node = "calm"\n{WARN}')

    assert orket("explain", "tool_strategy").code == 0

    assert "acme_calm" in sys.modules
    assert "bolt_loud" not in sys.modules


def test_misspelt_node_is_an_error_that_proposes_the_right_one(
    orket: Callable[..., Ran], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install_calm()
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "calmm")

    ran = orket("explain", "tool_strategy")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "error: unknown-node\n"
        "  No node 'calmm' for family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: entry points 'orket.tool_strategy', 2 distributions\n"
        "  found:     calm, default\n"
        "  hint:      did you mean 'calm'?\n"
    )


def test_error_is_json_on_standard_output_when_json_was_asked_for(
    orket: Callable[..., Ran], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install_calm()
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "calmm")

    ran = orket("explain", "tool_strategy", "--json")

    assert (ran.code, ran.err) == (1, "")
    assert ran.json == {
        "error": {
            "code": "unknown-node",
            "message": "No node 'calmm' for family 'tool_strategy'.",
            "asked_by": "ORKET_TOOL_STRATEGY_NODE (environment)",
            "looked_in": "entry points 'orket.tool_strategy', 2 distributions",
            "found": "calm, default",
            "hint": "did you mean 'calm'?",
        }
    }


def test_node_that_cannot_be_imported_is_an_error(orket: Callable[..., Ran], site: Site, work: Path) -> None:
    site.install("acme", "[orket.tool_strategy]\ncalm = acme_calm:Calm\n", {"acme_calm.py": "1 / 0\n"})
    (work / "orket.toml").write_text(f'process_rules.tool_strategy_node = "calm"\n{WARN}')

    ran = orket("explain", "tool_strategy")

    assert ran.code == 1
    assert ran.err.startswith("error: broken-node\n  Node 'acme:calm' could not be imported.\n")
    assert "ZeroDivisionError: division by zero" in ran.err


def test_family_that_goes_on_without_tools_has_no_node_and_says_why(
    orket: Callable[..., Ran], site: Site
) -> None:
    site.install_calm()
    supposed = ("--simulate", "tool_strategy_node=calm", "--simulate", "on_unusable_node=no-tools")

    ran = orket("explain", "tool_strategy", *supposed, "--json")

    assert ran.code == 1
    assert ran.json["node"] is None
    assert ran.json["error"]["code"] == "gate-missing"
    assert [lost["code"] for lost in ran.json["rejected"]] == ["gate-missing", "not-asked"]

    told = orket("explain", "tool_strategy", *supposed)

    assert told.code == 1
    assert told.out.startswith("tool_strategy:  no node\n  asked by:     --simulate (argument)\n")
    assert (
        "  rejected:     acme:calm: gate-missing: Nothing proves that node 'calm' keeps its contract.\n"
        in told.out
    )
    assert told.err.startswith("error: gate-missing\n")


def test_simulated_rule_is_an_argument(orket: Callable[..., Ran]) -> None:
    ran = orket("explain", "tool_strategy", "--simulate", "tool_strategy_node=default", "--json")

    assert ran.json["source"] == {"kind": "argument", "where": "--simulate"}


def test_simulated_variable_counts_as_set(orket: Callable[..., Ran]) -> None:
    ran = orket("explain", "tool_strategy", "--simulate", "ORKET_TOOL_STRATEGY_NODE=default", "--json")

    assert ran.json["source"] == {"kind": "environment", "where": "ORKET_TOOL_STRATEGY_NODE"}


def test_simulated_blank_variable_counts_as_not_set(
    orket: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "calm")

    ran = orket("explain", "tool_strategy", "--simulate", "ORKET_TOOL_STRATEGY_NODE=", "--json")

    assert ran.json["source"] == {"kind": "default", "where": "orket-core"}


def test_simulated_configuration_file_is_read(orket: Callable[..., Ran], work: Path) -> None:
    (work / "other.toml").write_text('process_rules.tool_strategy_node = "default"\n')

    ran = orket("explain", "tool_strategy", "--simulate", "ORKET_CONFIG=other.toml", "--json")

    assert ran.json["source"] == {
        "kind": "file",
        "where": f"{work}/other.toml: process_rules.tool_strategy_node",
    }


def test_key_that_there_is_not_cannot_be_simulated(orket: Callable[..., Ran]) -> None:
    ran = orket("explain", "tool_strategy", "--simulate", "tool_strategi_node=x")

    assert ran.code == 2
    assert ran.err == (
        "error: wrong-usage\n"
        "  There is no rule and no variable 'tool_strategi_node'.\n"
        "  asked by:  --simulate\n"
        "  found:     tool_strategy_node, tool_runner_node, on_unusable_node, ORKET_CONFIG, "
        "ORKET_ALLOW_EFFECTS, ORKET_TOOL_STRATEGY_NODE, ORKET_TOOL_RUNNER_NODE\n"
        "  hint:      did you mean 'tool_strategy_node'?\n"
    )


def test_key_without_a_value_cannot_be_simulated(orket: Callable[..., Ran]) -> None:
    ran = orket("explain", "tool_strategy", "--simulate", "tool_strategy_node", "--json")

    assert ran.code == 2
    assert ran.json["error"]["message"] == "'tool_strategy_node' does not say what to suppose."
    assert ran.json["error"]["hint"] == "write --simulate KEY=VALUE"


def test_value_that_a_rule_cannot_have_is_wrong_configuration(orket: Callable[..., Ran]) -> None:
    ran = orket("explain", "tool_strategy", "--simulate", "on_unusable_node=shrug")

    assert ran.code == 2
    assert ran.err == (
        "error: invalid-config\n"
        "  'process_rules.on_unusable_node' must be \"error\" or \"no-tools\", not 'shrug'.\n"
        "  looked in: --simulate\n"
    )
