"""`orket doctor`: what is installed, what is in force, what is wrong, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from orket.core.schema import keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran, Site

RAISING = """
from orket.core import hookimpl

class Calm:
    @hookimpl
    def compose(self, toolset, context):
        raise ValueError
"""


def codes(ran: Ran, kind: str) -> list[str]:
    return [diagnostic["code"] for diagnostic in ran.json[kind]]


def test_a_healthy_machine_reads_like_this(
    orket: Callable[..., Ran], site: Site, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orket.core.workspace.why_not", lambda: "")  # whatever this machine has
    site.install_files()

    ran = orket("doctor")

    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out
        == f"""\
Installed
  orket-core 0.1.0  tool_runner: inline; tool_strategy: default
  orket-tools 1.0   tools: files

Active
  tool_strategy  orket-core:default 0.1.0, by orket-core (default); gate: control
  tool_runner    orket-core:inline 0.1.0, by orket-core (default); gate: control

Configuration
  file                        none: no orket.toml here or in a folder above, and no ORKET_CONFIG
  tool_strategy_node          orket-core:default, by orket-core (default)
  tool_runner_node            orket-core:inline, by orket-core (default)
  on_unusable_node            error, by orket-core (default)
  gate.mode                   enforce
  gate.nodes                  none
  gate.evidence               {work}/.orket/evidence
  gate.max_age_days           not set
  nodes.tool_strategy         none
  nodes.tool_runner           none
  plugins.allow               not set
  plugins.deny                none
  tools.groups                none
  tools.effects               none
  tools.unconfined            none
  observers.enable            none
  observers.options           none
  workspace.root              {work}
  workspace.references        none
  limits.timeout              60.0
  limits.max_output           65536
  limits.concurrency          16
  limits.session_concurrency  not set
  limits.queue                1000
  limits.allow_effects        read, write, network, execute

Confinement
  files  every file tool opens beneath the workspace's folder, by openat2
  calls  none: the inline runner calls tools in this process; it uses neither Landlock nor namespaces

Nothing is wrong.
"""
    )


def test_facts_for_programs(orket: Callable[..., Ran], work: Path) -> None:
    ran = orket("doctor", "--json")

    assert ran.json["installed"] == [
        {
            "distribution": "orket-core",
            "version": "0.1.0",
            "entry_points": [
                {"group": "orket.tool_runner", "name": "inline", "value": "orket.core.defaults:Inline"},
                {"group": "orket.tool_strategy", "name": "default", "value": "orket.core.defaults:Default"},
            ],
        }
    ]
    assert [one["family"] for one in ran.json["active"]] == ["tool_strategy", "tool_runner"]
    assert ran.json["configuration"]["file"] is None
    assert ran.json["configuration"]["workspace"] == {"root": str(work), "references": []}
    assert (ran.json["shadowed"], ran.json["broken"], ran.json["warnings"]) == ([], [], [])


def test_each_rule_is_shown_with_who_set_it_and_who_overruled_it(
    orket: Callable[..., Ran], work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = work / "orket.toml"
    file.write_text(
        "[process_rules]\n"
        'tool_strategy_node = "calm"\n'
        'on_unusable_node = "no-tools"\n'
        'allowed_nodes = { tool_strategy = ["default"] }\n'
    )
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "default")

    out = orket("doctor").out

    assert (
        f"  file                         {file}\n"
        "  tool_strategy_node           default, by ORKET_TOOL_STRATEGY_NODE (environment)\n"
        f"  tool_strategy_node           calm, by {file}: process_rules.tool_strategy_node (file), overruled\n"
        "  tool_strategy_node           orket-core:default, by orket-core (default), overruled\n"
        f"  allowed_nodes.tool_strategy  default, by {file}: process_rules.allowed_nodes (file)\n"
        "  tool_runner_node             orket-core:inline, by orket-core (default)\n"
        f"  on_unusable_node             no-tools, by {file}: process_rules.on_unusable_node (file)\n"
    ) in out


def test_every_key_of_the_configuration_is_among_what_is_in_force(orket: Callable[..., Ran]) -> None:
    shown = orket("doctor", "--json").json["configuration"]

    asked = {tuple(key.split(".")[:2]) for key in keys() if not key.startswith("process_rules.")}
    assert {(table, key) for table, key in asked if key not in shown[table]} == set()


def test_a_table_in_the_configuration_is_shown_as_json(orket: Callable[..., Ran], work: Path) -> None:
    (work / "orket.toml").write_text(
        '[gate.nodes.calm]\nmode = "warn"\n[tools.effects]\n"crm_*" = ["read"]\n'
    )

    out = orket("doctor").out

    assert '\n  gate.nodes                  {"calm": {"mode": "warn"}}\n' in out
    assert '\n  tools.effects               {"crm_*": ["read"]}\n' in out


def test_what_toml_has_and_json_has_not_is_said_as_text(orket: Callable[..., Ran], work: Path) -> None:
    (work / "orket.toml").write_text(
        "[limits]\ntimeout = inf\n[nodes.tool_strategy.calm]\nsince = 2026-11-25\n"
    )

    ran = orket("doctor", "--json")

    assert '"timeout": "inf"' in ran.out
    assert ran.json["configuration"]["nodes"]["tool_strategy"] == {"calm": {"since": "2026-11-25"}}


def test_no_plugin_is_imported_that_is_not_chosen(orket: Callable[..., Ran], site: Site) -> None:
    site.install_calm()
    site.install_files()

    orket("doctor")

    assert {"acme_calm", "some_files"} & sys.modules.keys() == set()


def test_configuration_that_cannot_be_used_is_told_with_all_that_can_be_seen(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    site.install_calm()
    (work / "orket.toml").write_text("mode = \n")

    ran = orket("doctor", "--json")

    assert ran.code == 1
    assert codes(ran, "broken") == ["invalid-config"]
    assert ran.json["configuration"] is None
    assert [one["distribution"] for one in ran.json["installed"]] == ["acme", "orket-core"]

    told = orket("doctor")

    assert told.code == 1
    assert "Configuration\n  none  it cannot be used: see below\n" in told.out
    assert "broken: invalid-config\n  The configuration is not TOML: " in told.out


def test_node_that_cannot_be_used_is_broken(
    orket: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "calm")

    ran = orket("doctor", "--json")

    assert ran.code == 1
    assert codes(ran, "broken") == ["unknown-node"]
    assert [one["family"] for one in ran.json["active"]] == ["tool_runner"]


def test_agent_without_tools_is_broken(orket: Callable[..., Ran], work: Path) -> None:
    (work / "orket.toml").write_text(
        "[process_rules]\n"
        'on_unusable_node = "no-tools"\n'
        'tool_strategy_node = "calm"\n'
        'tool_runner_node = "boxed"\n'
    )

    ran = orket("doctor", "--json")

    assert ran.code == 1
    assert [one["message"] for one in ran.json["broken"]] == [
        "No node 'calm' for family 'tool_strategy'.",
        "No node 'boxed' for family 'tool_runner'.",
    ]


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ('tools.groups = ["flies"]\n', "There is no tool group 'flies'."),
        ('observers.enable = ["watchman"]\n', "There is no observer 'watchman'."),
        ('workspace.root = "nowhere"\n', "nowhere"),
    ],
)
def test_what_a_runtime_trips_over_is_broken(
    orket: Callable[..., Ran], work: Path, configuration: str, message: str
) -> None:
    (work / "orket.toml").write_text(configuration)

    ran = orket("doctor")

    assert ran.code == 1
    assert "broken: invalid-config\n" in ran.out
    assert message in ran.out


def test_strategy_that_breaks_its_contract_is_broken(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    files = {"acme_calm.py": RAISING}
    site.install("acme", "[orket.tool_strategy]\ncalm = acme_calm:Calm\n", files)
    (work / "orket.toml").write_text('process_rules.tool_strategy_node = "calm"\ngate.mode = "warn"\n')

    ran = orket("doctor", "--json")

    assert ran.code == 1
    assert codes(ran, "broken") == ["contract-breach"]
    assert ran.err == ""


def test_active_node_without_proof_is_warned_of(orket: Callable[..., Ran], site: Site, work: Path) -> None:
    site.install_calm()
    (work / "orket.toml").write_text('process_rules.tool_strategy_node = "calm"\ngate.mode = "warn"\n')

    ran = orket("doctor")

    assert ran.code == 0
    assert "(file); gate: NOT PROVED (missing)\n" in ran.out
    assert ran.out.endswith(
        "warning: gate-missing\n"
        "  Nothing proves that node 'calm' keeps its contract.\n"
        f"  asked by:  {work}/orket.toml: process_rules.tool_strategy_node (file)\n"
        f"  looked in: {work}/.orket/evidence\n"
        "  found:     no evidence\n"
        "  hint:      it is active all the same, because the gate only warns\n"
    )


def test_variable_that_nothing_reads_is_warned_of(
    orket: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORKET_TOOL_STRATEGI_NODE", "calm")

    ran = orket("doctor")

    assert ran.code == 0
    assert ran.out.endswith(
        "warning: unknown-variable\n"
        "  Nothing reads the variable 'ORKET_TOOL_STRATEGI_NODE'.\n"
        "  looked in: the environment\n"
        "  hint:      did you mean 'ORKET_TOOL_STRATEGY_NODE'?\n"
    )


def test_duplicates_and_near_misses_are_warned_of(orket: Callable[..., Ran], site: Site) -> None:
    site.install_calm()
    site.install("bolt", "[orket.tool_strategy]\ncalm = bolt_calm:Calm\n[orket.tool]\nx = bolt_x:X\n")

    ran = orket("doctor", "--json")

    assert ran.code == 0
    assert codes(ran, "warnings") == ["duplicate-node", "near-miss-group"]


def test_shadowed_distribution_is_shown(
    orket: Callable[..., Ran], site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install_calm()
    later = tmp_path / "later"
    later.mkdir()
    (site.folder / "acme-1.0.dist-info").rename(later / "acme-1.0.dist-info")
    site.install("acme", "[orket.tool_strategy]\ncalm = acme_calm:Calm\n", version="2.0")
    monkeypatch.setattr("orket.core.discovery.sys.path", [str(site.folder), str(later)])

    assert (
        f"  acme 1.0          tool_strategy: calm, SHADOWED in {later}/acme-1.0.dist-info\n"
        in orket("doctor").out
    )
    assert orket("doctor", "--json").json["shadowed"] == [
        {
            "group": "orket.tool_strategy",
            "name": "calm",
            "value": "acme_calm:Calm",
            "distribution": "acme",
            "version": "1.0",
            "location": f"{later}/acme-1.0.dist-info",
        }
    ]


def test_confinement_by_a_strangers_runner_is_the_strangers_word(
    orket: Callable[..., Ran], site: Site, work: Path
) -> None:
    runner = "from orket.core.defaults import Inline\n\nclass Boxed(Inline):\n    pass\n"
    site.install("acme", "[orket.tool_runner]\nboxed = acme_boxed:Boxed\n", {"acme_boxed.py": runner})
    (work / "orket.toml").write_text('process_rules.tool_runner_node = "boxed"\ngate.mode = "warn"\n')

    confinement = orket("doctor", "--json").json["confinement"]

    assert confinement["calls"] == "what 'acme:boxed' does: see its documentation"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return {'walls': 'yes', 'roof': 'no: it rains in'}", {"walls": "yes", "roof": "no: it rains in"}),
        ("raise ValueError('no words')", {"calls": "'acme:boxed' could not say: ValueError: no words"}),
    ],
)
def test_a_runner_that_can_say_what_confines_calls_is_asked(
    orket: Callable[..., Ran], site: Site, work: Path, body: str, said: dict[str, str]
) -> None:
    runner = (
        "from orket.core.defaults import Inline\n\n"
        f"class Boxed(Inline):\n    def confinement(self):\n        {body}\n"
    )
    site.install("acme", "[orket.tool_runner]\nboxed = acme_boxed:Boxed\n", {"acme_boxed.py": runner})
    (work / "orket.toml").write_text('process_rules.tool_runner_node = "boxed"\ngate.mode = "warn"\n')

    confinement = orket("doctor", "--json").json["confinement"]

    assert {title: text for title, text in confinement.items() if title != "files"} == said


def test_how_files_are_opened_is_said(orket: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orket.core.workspace.why_not", lambda: "there is no such call")

    confinement = orket("doctor", "--json").json["confinement"]

    assert confinement["files"] == (
        "every file tool opens beneath the workspace's folder, "
        "by a walk of folder descriptors with O_NOFOLLOW: there is no such call"
    )
