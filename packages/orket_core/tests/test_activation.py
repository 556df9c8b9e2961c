"""Resolve, judge, load: in this order, and no other node takes the place of one that is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.core.activation import activate
from orket.core.errors import ResolutionError
from orket.core.families import TOOL_STRATEGY
from orket.core.gate import Verdict
from orket.core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orket.core.discovery import Catalog
    from orket.core.family import NodeRef

    Wheel = Callable[..., Path]
    Ask = Callable[..., Settings]
    Everything = Callable[[], Catalog]
    Prove = Callable[[], NodeRef]

ENTRY_POINTS = "[orket.tool_strategy]\nreviewer = acme:Reviewer\n"
REVIEWER = """
from orket.core import hookimpl

class Reviewer:
    @hookimpl
    def compose(self, toolset, context):
        return toolset
"""
WARN: dict[str, object] = {"gate": {"mode": "warn"}}
ASKED_BY = "ORKET_TOOL_STRATEGY_NODE (environment)"


def refused(settings: Settings, catalog: Catalog) -> ResolutionError:
    with pytest.raises(ResolutionError) as caught:
        activate(TOOL_STRATEGY, settings, catalog)
    return caught.value


# Activated


def test_without_a_word_the_default_is_active_and_needs_no_evidence(catalog: Everything) -> None:
    activation = activate(TOOL_STRATEGY, Settings(), catalog())
    assert type(activation.node).__name__ == "Default"
    assert activation.resolution.verdict == Verdict("control")


def test_a_proved_node_is_active(acme: Wheel, prove: Prove, catalog: Everything, ask: Ask) -> None:
    acme()
    ref = prove()
    activation = activate(TOOL_STRATEGY, ask(), catalog())
    assert type(activation.node).__name__ == "Reviewer"
    assert activation.resolution.node == ref
    assert activation.resolution.verdict is not None
    assert activation.resolution.verdict.judgement == "allowed"


def test_an_unproved_node_is_active_where_the_gate_only_warns_and_its_verdict_is_kept(
    acme: Wheel, catalog: Everything, ask: Ask
) -> None:
    acme()
    activation = activate(TOOL_STRATEGY, ask(config=WARN), catalog())
    assert type(activation.node).__name__ == "Reviewer"
    assert activation.resolution.verdict == Verdict("missing", "warn")


def test_the_gate_of_one_node_may_warn_while_the_others_are_held(
    acme: Wheel, catalog: Everything, ask: Ask
) -> None:
    acme()
    config: dict[str, object] = {"gate": {"nodes": {"reviewer": {"mode": "warn"}}}}
    assert activate(TOOL_STRATEGY, ask(config=config), catalog()).node is not None


def test_what_a_node_declares_comes_with_it(wheel: Wheel, catalog: Everything, ask: Ask) -> None:
    declares = "[reviewer]\nprovides = ['write_file']\n"
    wheel("acme", {"acme/__init__.py": REVIEWER, "acme/orket-node.toml": declares}, ENTRY_POINTS)
    activation = activate(TOOL_STRATEGY, ask(config=WARN), catalog())
    assert activation.declared.provides == ("write_file",)


def test_a_node_is_given_the_options_of_the_configuration(acme: Wheel, catalog: Everything, ask: Ask) -> None:
    acme(
        "from pydantic import BaseModel\n"
        f"{REVIEWER}"
        "    class Options(BaseModel):\n"
        "        level: int\n"
        "    def __init__(self, options):\n"
        "        self.level = options.level\n"
    )
    config: dict[str, object] = {"nodes": {"tool_strategy": {"reviewer": {"level": 3}}}, **WARN}
    activation = activate(TOOL_STRATEGY, ask(config=config), catalog())
    assert getattr(activation.node, "level", None) == 3


# Refused


def test_an_unproved_node_is_refused_and_nobody_takes_its_place(
    acme: Wheel, catalog: Everything, ask: Ask, tmp_path: Path
) -> None:
    acme()
    error = refused(ask(), catalog())
    assert str(error) == (
        "error: gate-missing\n"
        "  Nothing proves that node 'reviewer' keeps its contract.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        f"  looked in: {tmp_path}/.orket/evidence\n"
        "  found:     no evidence\n"
        "  hint:      prove it: orket prove reviewer"
    )
    assert error.resolution is not None
    assert error.resolution.node is None
    assert {one.name: one.code for one in error.resolution.rejected} == {
        "default": "not-asked",
        "reviewer": "gate-missing",
    }


def test_the_verdict_is_kept_on_the_resolution_of_the_error(
    acme: Wheel, catalog: Everything, ask: Ask
) -> None:
    acme()
    resolution = refused(ask(), catalog()).resolution
    assert resolution is not None
    assert resolution.verdict == Verdict("missing")
    assert resolution.as_dict()["gate"] == {"mode": "enforce", "verdict": "missing"}


def test_an_edited_file_makes_the_evidence_stale(
    acme: Wheel,
    prove: Prove,
    catalog: Everything,
    ask: Ask,
    site: Path,
) -> None:
    acme()
    prove()
    with (site / "acme.py").open("a") as source:
        source.write("\n")
    error = refused(ask(), catalog())
    assert error.diagnostic.message == (
        "The evidence for node 'reviewer' is about something else: payload: acme.py."
    )
    assert error.code == "gate-stale"


def test_a_node_for_another_contract_is_refused(wheel: Wheel, catalog: Everything, ask: Ask) -> None:
    info = wheel(
        "acme",
        {"acme/__init__.py": REVIEWER, "acme/orket-node.toml": "[reviewer]\ncontract = 2\n"},
        ENTRY_POINTS,
    )
    assert str(refused(ask(config=WARN), catalog())) == (
        "error: contract-mismatch\n"
        "  Node 'acme:reviewer' is written for contract 2 of family 'tool_strategy'.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        f"  looked in: {info.parent}/acme/orket-node.toml\n"
        "  found:     this orket-core speaks contract 1\n"
        "  hint:      install a version of it that is written for this contract"
    )


def test_a_node_whose_name_is_none_is_refused_once_it_is_asked_for(
    wheel: Wheel, catalog: Everything, ask: Ask
) -> None:
    info = wheel("acme", {"acme.py": REVIEWER}, "[orket.tool_strategy]\n../Up = acme:Reviewer\n")
    assert str(refused(ask("../Up", WARN), catalog())) == (
        "error: contract-mismatch\n"
        "  '../Up' of 'acme' is no name for a node: "
        "names are lower-case letters, digits and hyphens, and start with a letter.\n"
        "  asked by:  ORKET_TOOL_STRATEGY_NODE (environment)\n"
        f"  looked in: {info}\n"
        "  found:     ../Up = acme:Reviewer\n"
        "  hint:      rename it"
    )


def break_import(site: Path, settings: Settings) -> str:
    (site / "acme.py").write_text("raise SystemExit('broken on purpose')\n")
    return "broken-node"


def break_contract(site: Path, settings: Settings) -> str:
    (site / "acme.py").write_text("class Reviewer: ...\n")
    return "contract-mismatch"


def break_record(site: Path, settings: Settings) -> str:
    (site / "acme-1.0.dist-info" / "RECORD").unlink()
    return "broken-metadata"


def lose_a_file(site: Path, settings: Settings) -> str:
    (site / "acme.py").unlink()
    return "broken-metadata"


def break_evidence(site: Path, settings: Settings) -> str:
    folder = site.parent / ".orket" / "evidence"
    folder.mkdir(parents=True)
    (folder / "tool_strategy").symlink_to("tool_strategy")
    return "gate-failed"


@pytest.mark.parametrize("harm", [break_import, break_contract, break_record, lose_a_file, break_evidence])
def test_every_refusal_says_who_asked_and_leaves_the_node_rejected(
    harm: Callable[[Path, Settings], str],
    acme: Wheel,
    catalog: Everything,
    ask: Ask,
    site: Path,
) -> None:
    acme()
    settings = ask(config=WARN)
    code = harm(site, settings)
    error = refused(settings, catalog())
    assert (error.code, error.diagnostic.asked_by) == (code, ASKED_BY)
    assert error.resolution is not None
    assert {one.name: one.code for one in error.resolution.rejected}["reviewer"] == code


def test_damaged_evidence_is_refused_unless_the_gate_only_warns(
    acme: Wheel, catalog: Everything, ask: Ask, tmp_path: Path
) -> None:
    acme()
    file = tmp_path / ".orket/evidence/tool_strategy/acme.reviewer.000000000000.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    said = f"KeyError: 'format', so this is no evidence: {file}"
    assert refused(ask(), catalog()).diagnostic.found == said
    activation = activate(TOOL_STRATEGY, ask(config=WARN), catalog())
    assert activation.resolution.verdict == Verdict("failed", "warn", damaged=(said,))


@pytest.mark.parametrize(
    ("node", "config", "code"),
    [
        ("reviever", {}, "unknown-node"),
        ("reviewer", {"plugins": {"deny": ["acme"]}}, "denied-distribution"),
        ("reviewer", {"process_rules": {"allowed_nodes": {"tool_strategy": ["default"]}}}, "forbidden-node"),
        ("default", {}, "ambiguous-node"),
        ("reviewer", {"nodes": {"tool_strategy": {"reviewer": {"level": 1}}}, **WARN}, "invalid-options"),
    ],
)
def test_every_refusal_by_configuration_says_who_asked(
    node: str,
    config: dict[str, object],
    code: str,
    acme: Wheel,
    wheel: Wheel,
    catalog: Everything,
    ask: Ask,
) -> None:
    acme()
    wheel("stranger", {}, "[orket.tool_strategy]\ndefault = stranger:Default\n")
    error = refused(ask(node, config), catalog())
    assert (error.code, error.diagnostic.asked_by) == (code, ASKED_BY)


# Without tools


def test_an_agent_may_go_on_without_tools_and_knows_why(acme: Wheel, catalog: Everything, ask: Ask) -> None:
    acme()
    activation = activate(
        TOOL_STRATEGY, ask(config={"process_rules": {"on_unusable_node": "no-tools"}}), catalog()
    )
    assert activation.node is None
    assert activation.resolution.error is not None
    assert (activation.resolution.error.code, activation.resolution.error.asked_by) == (
        "gate-missing",
        ASKED_BY,
    )
    assert activation.resolution.verdict == Verdict("missing")
