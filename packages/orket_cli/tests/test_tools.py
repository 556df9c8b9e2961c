"""`orket tools`: what an agent is offered under this configuration, and why not the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran, Site

GROUPS = 'tools.groups = ["files"]\ngate.mode = "warn"\n'
CALM = 'process_rules.tool_strategy_node = "calm"\n'
BY_ROLE = """
from orket.core import hookimpl

class ByRole:
    @hookimpl
    def compose(self, toolset, context):
        return toolset.only(*context.roles, why=f"not a tool of {context.role}")
"""
WIDE = """
from orket.core import hookimpl

class Wide:
    @hookimpl
    def compose(self, toolset, context):
        return toolset.map(lambda tool: tool.with_(effects={"read", "write"}))
"""
ODD = """
from orket.core import Toolset, tool

def made():
    @tool(effects={"read"}, approval=True)
    def near() -> str:
        "Needs to be near."
        return ""
    return near

ODD = Toolset([made()])
"""


@pytest.fixture
def configured(site: Site, work: Path) -> Path:
    """The configuration file, in which the group of files is chosen."""
    site.install_files()
    file = work / "orket.toml"
    file.write_text(GROUPS)
    return file


def test_facts_of_each_tool(orket: Callable[..., Ran], site: Site, configured: Path) -> None:
    site.install_calm()
    configured.write_text(CALM + GROUPS)

    ran = orket("tools", "--json")

    assert ran.code == 0
    assert ran.json[0] == {
        "name": "look",
        "owner": "orket-tools:files",
        "effects": ["read"],
        "offered": True,
        "why": "'look' is offered",
        "host": False,
        "approval": False,
        "description": "Look at a file.",
    }
    assert ran.json[-1] == {
        "name": "put",
        "owner": "orket-tools:files",
        "effects": ["write"],
        "offered": False,
        "why": "'put' is absent: calm agents only look",
        "host": False,
        "approval": False,
        "description": "Put a file there.",
    }


def test_a_person_reads_columns(orket: Callable[..., Ran], site: Site, configured: Path) -> None:
    site.install_calm()
    configured.write_text(CALM + GROUPS)

    ran = orket("tools")

    assert ran.out == (
        "   TOOL   EFFECTS  OWNER              REMARKS\n"
        "*  look   read     orket-tools:files\n"
        "*  fail   read     orket-tools:files\n"
        "*  who    read     orket-tools:files\n"
        "*  count  read     orket-tools:files\n"
        "   put    write    orket-tools:files  'put' is absent: calm agents only look\n"
        "* offered, by tool_strategy/acme:calm\n"
    )


def test_unproved_strategy_is_warned_of(orket: Callable[..., Ran], site: Site, configured: Path) -> None:
    site.install_calm()
    configured.write_text(CALM + GROUPS)

    warning = "warning: node 'acme:calm' is active and not proved (missing): the gate only warns\n"
    assert orket("tools").err == warning
    assert orket("tools", "--json").err == warning


def test_roles_decide_what_is_offered(orket: Callable[..., Ran], site: Site, configured: Path) -> None:
    site.install("acme", "[orket.tool_strategy]\nby-role = by_role:ByRole\n", {"by_role.py": BY_ROLE})
    configured.write_text('process_rules.tool_strategy_node = "by-role"\n' + GROUPS)

    ran = orket("tools", "--role", "put", "--role", "who", "--json")

    assert [tool["name"] for tool in ran.json if tool["offered"]] == ["put", "who"]
    assert ran.json[-1]["why"] == "'count' is absent: not a tool of put"


def test_tool_beyond_the_allowed_effects_is_offered_and_said_to_be_refused(
    orket: Callable[..., Ran], configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORKET_ALLOW_EFFECTS", "read")

    (put,) = (tool for tool in orket("tools", "--json").json if tool["name"] == "put")

    assert put["offered"] is True
    assert put["why"] == (
        "'put' is offered, and its calls are refused: it may write, and calls are restricted to read"
    )


def test_tool_that_only_its_host_can_run_and_that_needs_approval_is_marked(
    orket: Callable[..., Ran], site: Site, configured: Path
) -> None:
    site.install("acme", "[orket.tools]\nodd = odd_tools:ODD\n", {"odd_tools.py": ODD})
    configured.write_text('tools.groups = ["odd"]\n')

    assert "*  near  read     acme:odd  needs approval; host only\n" in orket("tools").out

    (near,) = orket("tools", "--json").json
    assert (near["host"], near["approval"]) == (True, True)


def test_breach_of_contract_is_loud_and_offers_nothing(
    orket: Callable[..., Ran], site: Site, configured: Path
) -> None:
    site.install("acme", "[orket.tool_strategy]\nwide = acme_wide:Wide\n", {"acme_wide.py": WIDE})
    configured.write_text('process_rules.tool_strategy_node = "wide"\n' + GROUPS)

    ran = orket("tools", "--json")

    assert ran.code == 1
    assert [tool["name"] for tool in ran.json if tool["offered"]] == []
    assert (
        "warning: contract-breach\n"
        "  Strategy 'tool_strategy/acme:wide' broke its contract: 'look' may write, which it may not.\n"
    ) in ran.err


def test_node_that_cannot_be_used_is_an_error(orket: Callable[..., Ran], configured: Path) -> None:
    configured.write_text('process_rules.tool_strategy_node = "calm"\n' + GROUPS)

    ran = orket("tools", "--json")

    assert ran.code == 1
    assert ran.json["error"]["code"] == "unknown-node"


def test_agent_without_tools_is_told_apart_from_an_error(orket: Callable[..., Ran], configured: Path) -> None:
    rules = 'process_rules = {tool_strategy_node = "calm", on_unusable_node = "no-tools"}\n'
    configured.write_text(rules + GROUPS)

    ran = orket("tools", "--json")

    assert ran.code == 1
    assert {tool["why"] for tool in ran.json} == {
        f"'{name}' is absent: No node 'calm' for family 'tool_strategy'."
        for name in ("look", "put", "fail", "who", "count")
    }
    assert "warning: unknown-node\n" in ran.err


def test_where_nothing_is_chosen_it_says_how_to_choose(orket: Callable[..., Ran], site: Site) -> None:
    site.install_files()

    ran = orket("tools")

    assert ran.code == 0
    assert ran.out == (
        "No tools: the configuration chooses no tool groups.\n"
        "Installed are: files. To offer one, write in orket.toml:\n"
        "  [tools]\n"
        '  groups = ["files"]\n'
    )
    assert orket("tools", "--json").json == []


def test_group_that_there_is_not_is_wrong_configuration(orket: Callable[..., Ran], configured: Path) -> None:
    configured.write_text('tools.groups = ["flies"]\n')

    ran = orket("tools")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: invalid-config\n"
        "  There is no tool group 'flies'.\n"
        f"  asked by:  {configured}: tools.groups\n"
        "  looked in: entry points 'orket.tools'\n"
        "  found:     files\n"
        "  hint:      did you mean 'files'?\n"
    )
