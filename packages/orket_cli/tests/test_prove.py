"""`orket prove` checks a node, says what it found, and writes the evidence that the gate asks for."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran, Site

WORDS = ("--examples", "1")
DECLARED = """
[calm]
contract = 1
[[calm.change]]
id = "calm"
kind = "removed"
when = { effects = ["write", "network", "execute"] }
reason = "calm agents only look"
doc = "changes.md#calm"
witness = "witness.json"
"""
WITNESS: dict[str, object] = {
    "options": {},
    "roles": [],
    "toolset": "baseline",
    "tool": "write_file",
    "kind": "removed",
}
CALM = """
from orket.core import hookimpl

class Calm:
    @hookimpl
    def compose(self, toolset, context):
        return toolset.where(lambda tool: tool.read_only, why="calm agents only look")
"""
AFRAID = """
from orket.core import hookimpl

class Calm:
    @hookimpl
    def compose(self, toolset, context):
        if context.role == "coder":
            raise KeyError(context.role)
        return toolset
"""
NOTHING = "[calm]\ncontract = 1\n"


def install(site: Site, source: str = CALM, declared: str = DECLARED) -> None:
    """Install the strategy `calm`, with what it declares."""
    files = {
        "acme_calm/__init__.py": source,
        "acme_calm/orket-node.toml": declared,
        "acme_calm/changes.md": "# calm\n",
        "acme_calm/witness.json": json.dumps(WITNESS),
    }
    site.install("acme", "[orket.tool_strategy]\ncalm = acme_calm:Calm\n", files)


def test_a_node_that_keeps_every_law_is_proved_and_then_allowed(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    install(site)

    ran = orket("prove", "calm", *WORDS)

    assert ran.code == 0, ran.out
    (evidence,) = work.glob(".orket/evidence/tool_strategy/acme.calm.*.json")
    assert ran.out.startswith("CHECK            STATUS  SECONDS  LAW\nreturns-toolset  passed  ")
    assert ran.out.endswith(f"\nacme:calm: proved, 18 of 18 laws are kept\nevidence: {evidence}\n")
    assert ran.err == ""
    assert {node["name"]: node["status"] for node in orket("nodes", "--json").json}["calm"] == "allowed"


def test_a_law_that_is_not_kept_is_told_with_the_command_that_shows_it_again(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    install(site, AFRAID, NOTHING)

    ran = orket("prove", "calm", *WORDS)

    assert ran.code == 1
    assert "\ntotal            failed  " in ran.out
    assert "\ntotal: failed\n  law:       Compose answers" in ran.out
    assert "\n  found:     compose raised KeyError: 'coder'\n" in ran.out
    (file,) = work.glob(".orket/evidence/traces/tool_strategy.acme.calm.total.json")
    assert f"\n  again:     orket prove calm --replay {file.relative_to(work)}\n" in ran.out
    assert "\nacme:calm: NOT PROVED, 17 of 18 laws are kept\n" in ran.out

    again = orket("prove", "calm", "--replay", str(file))

    assert again.code == 1
    assert again.out.startswith("total: failed\n")
    assert "compose raised KeyError: 'coder'" in again.out


def test_a_trace_of_what_was_repaired_passes(orket: Callable[..., Ran], site: Site, work: Path) -> None:
    install(site)
    trace = {"family": "tool_strategy", "node": "acme:calm", "check": "total", "trace": WITNESS}
    (work / "trace.json").write_text(json.dumps(trace))

    ran = orket("prove", "calm", "--replay", "trace.json")

    assert (ran.code, ran.out) == (0, "total: passed, under the circumstance in trace.json\n")


def test_a_law_broken_with_the_applications_tools_is_shown_again_by_the_trace_alone(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    install(site, CALM.replace("        return", "        assert 'crm_get' not in toolset\n        return"))
    (site.folder / "acme_shop.py").write_text(
        "from orket.core import Toolset, tool\n"
        "def crm_get(name: str) -> str: ...\n"
        "tools = Toolset([tool(crm_get)])\n"
    )
    orket("prove", "calm", "--toolset", "acme_shop:tools", *WORDS)
    (file,) = work.glob(".orket/evidence/traces/*.total.json")

    again = orket("prove", "calm", "--replay", str(file))

    assert again.code == 1
    assert "\n  found:     compose raised AssertionError" in again.out


def test_what_no_trace_shows_is_shown_again_by_the_words_that_found_it(
    orket: Callable[..., Ran], site: Site
) -> None:
    install(site, "print('hello')\n" + CALM)

    ran = orket("prove", "calm", "--seed", "7", *WORDS)

    assert "\n  again:     orket prove calm --seed 7 --examples 1\n" in ran.out


def test_a_program_reads_each_check(orket: Callable[..., Ran], site: Site) -> None:
    install(site, AFRAID, NOTHING)

    ran = orket("prove", "calm", "--json", *WORDS)

    assert ran.code == 1
    assert (ran.json["node"], ran.json["proved"]) == ("tool_strategy/acme:calm", False)
    statuses = {check["check"]: check["status"] for check in ran.json["checks"]}
    assert [check for check, status in statuses.items() if status != "passed"] == ["total"]
    traces = {check["check"]: check["trace_file"] for check in ran.json["checks"]}
    assert traces["total"].endswith(".total.json")
    assert traces["pure"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Say which node to prove, or only --self-test."),
        (("calm", "--self-test"), "Say which node to prove, or only --self-test."),
        (("calm", "--family", "tool_strategist"), "There is no node family 'tool_strategist'."),
        (("calm", "--toolset", "somewhere"), "'somewhere' names no toolset."),
        (("calm", "--examples", "0"), "0 examples are too few."),
        (("calm", "--replay", "nothing.json"), "This is no trace: "),
    ],
)
def test_wrong_words_are_told_before_anything_is_checked(
    words: tuple[str, ...], message: str, orket: Callable[..., Ran], site: Site
) -> None:
    install(site)

    ran = orket("prove", *words)

    assert ran.code == 2
    assert f"  {message}" in ran.err


def test_there_has_to_be_such_a_node(orket: Callable[..., Ran], site: Site) -> None:
    install(site)

    ran = orket("prove", "clam")

    assert ran.code == 1
    assert ran.err.startswith("error: unknown-node\n  No node 'clam' for family 'tool_strategy'.\n")
    assert "did you mean 'calm'?" in ran.err


def test_a_node_for_another_contract_is_not_proved_since_it_could_not_be_activated(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    install(site, declared="[calm]\ncontract = 2\n")

    ran = orket("prove", "calm")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "error: contract-mismatch\n"
        "  Node 'acme:calm' is written for contract 2 of family 'tool_strategy'.\n"
        f"  looked in: {site.folder}/acme_calm/orket-node.toml\n"
        "  found:     this orket-core speaks contract 1\n"
        "  hint:      install a version of it that is written for this contract\n"
    )
    assert not (work / ".orket").exists()


def test_a_misspelt_node_is_looked_for_in_the_family_of_the_closest_one(orket: Callable[..., Ran]) -> None:
    ran = orket("prove", "inlin")

    assert ran.err.startswith("error: unknown-node\n  No node 'inlin' for family 'tool_runner'.\n")
    assert "did you mean 'inline'?" in ran.err


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("", "AttributeError: module 'acme_shop' has no attribute 'tools'"),
        ("def tools():\n    raise KeyError('no shop')\n", "KeyError: 'no shop'"),
    ],
)
def test_tools_that_cannot_be_had_leave_the_proof_of_the_node_as_it_was(
    orket: Callable[..., Ran], site: Site, source: str, found: str
) -> None:
    install(site)
    (site.folder / "acme_shop.py").write_text(source)
    orket("prove", "calm", *WORDS)

    ran = orket("prove", "calm", "--toolset", "acme_shop:tools", *WORDS)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: invalid-config\n"
        "  There is no toolset at 'acme_shop:tools'.\n"
        f"  found:     {found}\n"
        "  hint:      write package:factory; for a module of this folder, set PYTHONPATH=.\n"
    )
    assert {node["name"]: node["status"] for node in orket("nodes", "--json").json}["calm"] == "allowed"


def test_evidence_that_cannot_be_kept_is_told_before_anything_is_checked(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    install(site)
    (work / "orket.toml").write_text('[gate]\nevidence = "orket.toml/proofs"\n')

    ran = orket("prove", "calm")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: invalid-config\n"
        "  Evidence cannot be kept: Not a directory.\n"
        f"  looked in: {work}/orket.toml/proofs\n"
        "  hint:      set 'evidence' under [gate] to a folder that may be written\n"
    )


def test_without_the_testkit_it_says_how_to_get_it(
    orket: Callable[..., Ran], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site)
    for name in [name for name in sys.modules if name.startswith("orket.testkit")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "orket.testkit", None)

    ran = orket("prove", "calm")

    assert ran.code == 2
    assert ran.err == (
        "error: missing-testkit\n"
        "  Proving a node needs the testkit, which is not installed.\n"
        "  asked by:  orket prove\n"
        "  looked in: orket.testkit\n"
        "  found:     no such package\n"
        "  hint:      pip install orket-testkit\n"
    )


def test_a_node_that_is_not_proved_any_more_is_listed_with_what_made_it_stale(
    orket: Callable[..., Ran], site: Site
) -> None:
    install(site)
    orket("prove", "calm", *WORDS)
    with (site.folder / "acme_calm/__init__.py").open("a") as file:
        file.write("\n")

    ran = orket("nodes")

    assert "note: 'acme:calm' is stale: payload: acme_calm/__init__.py is sha256:" in ran.out
    assert "; prove it: orket prove calm\n" in ran.out


def test_what_no_evidence_can_be_about_is_not_proved_and_nothing_is_written(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    install(site)
    (site.folder / "acme_calm/more.py").write_text("")

    ran = orket("prove", "calm", *WORDS)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "error: gate-failed\n"
        "  As it is installed, no evidence can be about all that would run as node 'calm'.\n"
        "  asked by:  orket prove\n"
        f"  looked in: {site.folder}/acme-1.0.dist-info\n"
        "  found:     acme_calm/more.py: importable, and unknown to RECORD\n"
        "  hint:      install 'acme' and what it needs again, from wheels\n"
    )
    assert not list(work.iterdir())
    assert "unknown to RECORD; install 'acme' and what it needs again, from wheels\n" in orket("nodes").out


def test_a_damaged_file_beside_the_evidence_is_named_by_every_command_and_takes_nothing_away(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    install(site)
    (work / "orket.toml").write_text('process_rules.tool_strategy_node = "calm"\n')
    orket("prove", "calm", *WORDS)
    file = work / ".orket/evidence/tool_strategy/acme.calm.000000000000.json"
    file.write_text("{}")
    said = f"KeyError: 'format', so this is no evidence: {file}"

    nodes, explained, doctor = orket("nodes"), orket("explain", "tool_strategy"), orket("doctor")
    called = orket("call", "no_such_tool")

    assert "*  tool_strategy  calm     acme          1.0      allowed  acme_calm:Calm\n" in nodes.out
    assert f"note: {said}\n" in nodes.out
    assert explained.out.endswith(
        f"  gate:         allowed: proved as exactly these bytes, today\n                {said}\n"
    )
    assert doctor.out.endswith(
        "warning: damaged-evidence\n"
        "  There is more than the evidence that node 'calm' passes by.\n"
        f"  found:     {said}\n"
        "  hint:      delete it\n"
    )
    assert f"warning: {said}\n" in called.err
    assert orket("explain", "tool_strategy", "--json").json["gate"]["damaged"] == [said]


def test_how_old_the_evidence_is_is_told(orket: Callable[..., Ran], site: Site, work: Path) -> None:
    install(site)
    (work / "orket.toml").write_text('process_rules.tool_strategy_node = "calm"\n')
    orket("prove", "calm", *WORDS)
    (file,) = work.glob(".orket/evidence/tool_strategy/*.json")
    record = json.loads(file.read_text())
    proved_at = record["recorded"]["time"]

    for days, told in ((0.9, "today"), (1.9, "1 day ago"), (30, "30 days ago")):
        record["recorded"]["time"] = proved_at - days * 86_400
        file.write_text(json.dumps(record))
        explained = orket("explain", "tool_strategy").out
        assert f"  gate:         allowed: proved as exactly these bytes, {told}\n" in explained
