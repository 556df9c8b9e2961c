"""`orket nodes`: who the candidates are and how each stands, by metadata and evidence alone."""

from __future__ import annotations

import sys
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from orket.core import FAMILIES, discover
from orket.core.evidence import Check, Evidence, installed, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran, Site


def statuses(ran: Ran) -> dict[str, str]:
    return {f"{node['distribution']}:{node['name']}": node["status"] for node in ran.json}


def prove(folder: Path, first: str = "passed") -> None:
    """Write evidence for `acme:calm` as it is installed, in which the first check stands so."""
    family, catalog = FAMILIES[0], discover()
    (ref,) = (ref for ref in catalog.candidates(family) if ref.distribution == "acme")
    checks = tuple(Check(check, "passed" if place else first) for place, check in enumerate(family.checks))
    write(
        str(folder / ".orket/evidence"),
        ref,
        Evidence(ref.identity, installed(family, ref, catalog, 1), checks, {}),
    )


def test_each_node_is_listed_with_its_facts(orket: Callable[..., Ran], site: Site) -> None:
    site.install_calm()

    ran = orket("nodes", "tool_strategy", "--json")

    assert ran.code == 0
    assert ran.json == [
        {
            "family": "tool_strategy",
            "name": "calm",
            "distribution": "acme",
            "version": "1.0",
            "entry_point": "acme_calm:Calm",
            "status": "missing",
            "active": False,
            "gate": {"mode": "enforce", "verdict": "missing"},
        },
        {
            "family": "tool_strategy",
            "name": "default",
            "distribution": "orket-core",
            "version": "0.1.0",
            "entry_point": "orket.core.defaults:Default",
            "status": "control",
            "active": True,
            "gate": {"mode": "enforce", "verdict": "control"},
        },
    ]


def test_a_person_reads_columns(orket: Callable[..., Ran], site: Site) -> None:
    site.install_calm()

    ran = orket("nodes")

    assert ran.err == ""
    assert ran.out == (
        "   FAMILY         NODE     DISTRIBUTION  VERSION  STATUS   ENTRY POINT\n"
        "   tool_strategy  calm     acme          1.0      missing  acme_calm:Calm\n"
        "*  tool_strategy  default  orket-core    0.1.0    control  orket.core.defaults:Default\n"
        "*  tool_runner    inline   orket-core    0.1.0    control  orket.core.defaults:Inline\n"
        "* active\n"
    )


def test_no_node_is_imported(orket: Callable[..., Ran], site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.install_calm()
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "calm")

    orket("nodes")

    assert "acme_calm" not in sys.modules


def test_proved_node_is_allowed(orket: Callable[..., Ran], site: Site, work: Path) -> None:
    site.install_calm()
    prove(work)

    assert statuses(orket("nodes", "--json"))["acme:calm"] == "allowed"


def test_evidence_for_other_bytes_is_stale(orket: Callable[..., Ran], site: Site, work: Path) -> None:
    site.install_calm()
    prove(work)
    (site.folder / "acme_calm.py").write_text("changed = True\n")

    assert statuses(orket("nodes", "--json"))["acme:calm"] == "stale"


def test_what_differs_is_told_alike_by_the_list_and_by_the_explanation(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    site.install_calm()
    prove(work)
    file = site.folder / "acme_calm.py"
    before = sha256(file.read_bytes()).hexdigest()[:12]
    file.write_text(f"{file.read_text()}changed = True\n")
    after = sha256(file.read_bytes()).hexdigest()[:12]
    (work / "orket.toml").write_text('process_rules.tool_strategy_node = "calm"\n[gate]\nmode = "warn"\n')

    difference = f"payload: acme_calm.py is sha256:{after}, where the evidence has sha256:{before}"
    assert f"note: 'acme:calm' is stale: {difference}; prove it: orket prove calm\n" in orket("nodes").out
    assert f"  {difference}\n" in orket("explain", "tool_strategy").out


@pytest.mark.parametrize("status", ["failed", "unaccepted-change"])
def test_evidence_that_does_not_pass_is_told(
    orket: Callable[..., Ran], site: Site, work: Path, status: str
) -> None:
    site.install_calm()
    prove(work, first=status)

    assert statuses(orket("nodes", "--json"))["acme:calm"] == status


@pytest.mark.parametrize(
    ("configuration", "code"),
    [
        ('[plugins]\ndeny = ["acme"]\n', "denied-distribution"),
        ('[process_rules.allowed_nodes]\ntool_strategy = ["default"]\n', "forbidden-node"),
    ],
)
def test_node_that_may_not_be_chosen_has_the_code_for_it(
    orket: Callable[..., Ran], site: Site, work: Path, configuration: str, code: str
) -> None:
    site.install_calm()
    (work / "orket.toml").write_text(configuration)

    assert statuses(orket("nodes", "--json"))["acme:calm"] == code


def test_node_for_another_contract_is_a_mismatch(orket: Callable[..., Ran], site: Site) -> None:
    files = {"acme_calm/__init__.py": "", "acme_calm/orket-node.toml": "[calm]\ncontract = 2\n"}
    site.install("acme", "[orket.tool_strategy]\ncalm = acme_calm:Calm\n", files)

    assert statuses(orket("nodes", "--json"))["acme:calm"] == "contract-mismatch"


def test_node_whose_installation_cannot_be_told_has_broken_metadata(
    orket: Callable[..., Ran], site: Site
) -> None:
    site.install_calm()
    (site.folder / "acme-1.0.dist-info/RECORD").unlink()

    assert statuses(orket("nodes", "--json"))["acme:calm"] == "broken-metadata"


def test_configured_node_that_is_not_there_leaves_none_active_and_warns(
    orket: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "defualt")

    ran = orket("nodes", "tool_strategy", "--json")

    assert ran.code == 0
    assert [node["active"] for node in ran.json] == [False]
    assert ran.err == (
        "warning: unknown-node\n"
        "  No node 'defualt' for family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        "  looked in: entry points 'orket.tool_strategy', 1 distribution\n"
        "  found:     default\n"
        "  hint:      did you mean 'default'?\n"
    )


def test_configured_node_that_the_gate_refuses_is_not_active_and_warns(
    orket: Callable[..., Ran], site: Site, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install_calm()
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "calm")

    ran = orket("nodes", "tool_strategy", "--json")

    assert ran.code == 0
    assert [node["active"] for node in ran.json] == [False, False]
    assert ran.err.startswith(
        "warning: gate-missing\n"
        "  Nothing proves that node 'calm' keeps its contract.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        f"  looked in: {work}/.orket/evidence\n"
    )


def test_unproved_node_under_a_gate_that_warns_is_active_and_said_to_be_unproved(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    site.install_calm()
    (work / "orket.toml").write_text('process_rules.tool_strategy_node = "calm"\ngate.mode = "warn"\n')

    ran = orket("nodes", "tool_strategy")

    assert "*  tool_strategy  calm " in ran.out
    assert "note: 'acme:calm' is active and NOT PROVED (missing): the gate only warns\n" in ran.out


def test_a_strangers_default_is_another_candidate(orket: Callable[..., Ran], site: Site) -> None:
    site.install("acme", "[orket.tool_strategy]\ndefault = acme_calm:Calm\n", {"acme_calm.py": ""})

    ran = orket("nodes", "tool_strategy")

    assert "   tool_strategy  default  acme " in ran.out
    assert "*  tool_strategy  default  orket-core " in ran.out
    assert (
        "note: 'acme:default' is another candidate; the unconfigured choice is orket-core:default\n"
        in ran.out
    )


def test_name_that_two_distributions_ship_is_warned_of_and_not_an_error(
    orket: Callable[..., Ran], site: Site
) -> None:
    site.install_calm()
    site.install("bolt", "[orket.tool_strategy]\ncalm = bolt_calm:Calm\n", {"bolt_calm.py": ""})

    ran = orket("nodes")

    assert ran.code == 0
    assert (
        "warning: duplicate-node\n  2 entry points of 'orket.tool_strategy' are called 'calm'.\n" in ran.out
    )


def test_group_that_is_nearly_right_is_warned_of(orket: Callable[..., Ran], site: Site) -> None:
    site.install("acme", "[orket.tool_strategies]\ncalm = acme_calm:Calm\n")

    assert "hint:      did you mean 'orket.tool_strategy'?\n" in orket("nodes").out


def test_unknown_family_is_wrong_usage(orket: Callable[..., Ran]) -> None:
    ran = orket("nodes", "tool_stratgy")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: wrong-usage\n"
        "  There is no node family 'tool_stratgy'.\n"
        "  asked by:  orket nodes\n"
        "  found:     tool_strategy, tool_runner\n"
        "  hint:      did you mean 'tool_strategy'?\n"
    )


def test_names_of_strangers_cannot_steer_the_terminal(orket: Callable[..., Ran], site: Site) -> None:
    site.install("acme", "[orket.tool_strategy]\nx\x1b[2J = acme_calm:Calm\n")

    ran = orket("nodes")

    assert "\x1b" not in ran.out
    assert "x\\x1b[2J" in ran.out
