"""``orket tools``: what an agent is offered under this configuration, and why it is not offered the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from orket.cli.running import running
from orket.core.settings import Settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from orket.cli.screen import Screen
    from orket.core.runtime import Runtime
    from orket.core.tools import Tool
    from orket.core.turn import Turn

__all__ = ["arguments", "run"]

_HEADER = ("", "TOOL", "EFFECTS", "OWNER", "REMARKS")


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="R",
        help="what the agent acts as; the first one leads",
    )


def run(arguments: Namespace, screen: Screen) -> int:
    """Print the offer; 1 where there is none because the node cannot be used or broke its contract."""
    roles: list[str] = arguments.role
    settings = Settings.load()
    with running(screen, settings) as runtime:
        turn = runtime.turn(roles=roles)
        shown = list(_shown(runtime, turn, settings))
        if screen.json:
            screen.facts([one.as_dict() for one in shown])
        elif shown:
            screen.table([_HEADER, *(one.cells() for one in shown)])
            screen.line(f"* offered, by {turn.node or 'no strategy'}")
        else:
            screen.line("No tools: the configuration chooses no tool groups.")
            _suggest(runtime, screen)
        return 0 if turn.breach is None else 1


class _Shown(NamedTuple):
    """A tool of the application, and what becomes of it."""

    tool: Tool
    offered: bool
    why: str

    def as_dict(self) -> dict[str, object]:
        tool = self.tool
        return {
            "name": tool.name,
            "owner": tool.owner,
            "effects": sorted(tool.effects),
            "offered": self.offered,
            "why": self.why,
            "host": tool.host,
            "approval": tool.approval,
            "description": tool.description,
        }

    def cells(self) -> tuple[str, ...]:
        tool = self.tool
        remarks = (
            "" if self.why == f"'{tool.name}' is offered" else self.why,
            "needs approval" if tool.approval else "",
            "host only" if tool.host else "",
        )
        mark = "*" if self.offered else ""
        return mark, tool.name, ", ".join(sorted(tool.effects)), tool.owner, "; ".join(filter(None, remarks))


def _shown(runtime: Runtime, turn: Turn, settings: Settings) -> Iterator[_Shown]:
    """The offer in its order, then what is not in it."""
    for tool in turn.tools:
        why = turn.why(tool.name)
        if beyond := ", ".join(sorted(tool.effects - set(settings.allow_effects))):
            allowed = ", ".join(settings.allow_effects) or "nothing"
            why += f", and its calls are refused: it may {beyond}, and calls are restricted to {allowed}"
        yield _Shown(tool, True, why)
    for tool in runtime.toolset:
        if tool.name not in turn.tools:
            yield _Shown(tool, False, turn.why(tool.name))


def _suggest(runtime: Runtime, screen: Screen) -> None:
    groups = sorted({ref.name for ref in runtime.catalog.group("orket.tools")})
    if groups:
        screen.line(f"Installed are: {', '.join(groups)}. To offer one, write in orket.toml:")
        screen.line("  [tools]")
        screen.line(f'  groups = ["{"files" if "files" in groups else groups[0]}"]')
    else:
        screen.line("None is installed either: 'orket-tools' ships the group 'files'.")
