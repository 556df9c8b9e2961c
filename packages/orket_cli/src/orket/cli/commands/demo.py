"""``orket demo``: one recorded agent session under several nodes; or a recording of one's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from orket.core.errors import ConfigError, Diagnostic

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from orket.cli.screen import Screen

__all__ = ["arguments", "run"]

_END = (
    ("seen", "One variable, one rule and one brake changed what an agent can do; its code stayed the same."),
    ("next", "orket nodes, and orket explain tool_strategy"),
    ("", "orket demo --session FILE --workspace DIR, for a recording of your own"),
)


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--session", metavar="FILE", help="a recording to play in place of the demo's own")
    parser.add_argument("--workspace", metavar="DIR", help="the folder of which a copy is worked in")
    parser.add_argument("--tools", metavar="PACKAGE:FACTORY", help="a function that gives a Toolset, or one")
    parser.add_argument("--role", action="append", metavar="R", help="in place of what the recording says")


def run(arguments: Namespace, screen: Screen) -> int:
    """Play; 0 also where calls are refused, which is what there is to see."""
    session: str | None = arguments.session
    workspace: str | None = arguments.workspace
    tools: str | None = arguments.tools
    roles: list[str] | None = arguments.role
    if session is not None and workspace is not None:
        _replay(screen, session, workspace, tools, roles)
    elif (session, workspace, tools, roles) == (None, None, None, None):
        _story(screen)
    else:
        hint = "give both, or neither to see the demo's own; --tools and --role go with them"
        raise ConfigError(
            Diagnostic(
                "wrong-usage",
                "--session and --workspace belong together.",
                asked_by="orket demo",
                hint=hint,
            )
        )
    return 0


def _story(screen: Screen) -> None:
    from orket.cli.demo.story import acts

    if screen.json:
        screen.facts([act.as_dict() for act in acts(os.environ)])
        return
    from orket.cli.demo.transcript import Transcript

    transcript = Transcript()
    for number, act in enumerate(acts(os.environ), 1):
        transcript.act(number, act)
    transcript.end(_END)


def _replay(screen: Screen, session: str, workspace: str, tools: str | None, roles: list[str] | None) -> None:
    from orket.cli.demo.replay import replay

    play = replay(session, workspace, tools=tools, roles=roles)
    if screen.json:
        screen.facts(play.as_dict())
        return
    from orket.cli.demo.transcript import Transcript

    Transcript().replay(play, session, workspace)
