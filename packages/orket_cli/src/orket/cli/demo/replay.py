"""A recording of the user's own, played on a copy of the user's own folder under the configuration in force."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from orket.cli.demo.player import Play, in_turns, played
from orket.cli.demo.scratch import copied, scratch
from orket.cli.demo.session import read_session
from orket.cli.groups import unchosen_groups
from orket.core import ConfigError, Diagnostic, Runtime, Settings, Toolset
from orket.core.contain import contained, describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orket.core.parts import Parts

__all__ = ["replay"]

_UNCHOSEN = "no tool groups are chosen, so 'files' is used"


def replay(
    session: str, workspace: str, *, tools: str | None = None, roles: Sequence[str] | None = None
) -> Play:
    """Play a recording. The folder itself is only read.

    Args:
        session: the file of the recording.
        workspace: the folder that the tools work in, or rather in a copy of it. The configuration is found from here.
        tools: ``package:factory``, the application's own tools.
        roles: what the agent acts as, in place of what the recording says.

    Raises:
        OrketError: something of it cannot be used.
    """
    messages = read_session(session)
    toolset = Toolset() if tools is None else _toolset(tools)
    with scratch() as folder:
        parts: Parts = {"workspace": copied(workspace, os.path.join(folder, "workspace"))}
        settings = Settings.load(workspace)
        if groups := unchosen_groups(settings) if tools is None else []:
            parts["groups"] = groups
        play = played(lambda: Runtime(toolset, settings=settings, **parts), messages, in_turns(roles))
    return play._replace(warnings=(*play.warnings, _UNCHOSEN)) if groups else play


def _toolset(reference: str) -> Toolset:
    module, _, attributes = reference.partition(":")
    if not (module and attributes):
        raise _unusable(
            reference, "It does not say where the tools are.", hint="write package.module:factory"
        )
    with contained() as guard:
        made: object = import_module(module)
        for name in attributes.split("."):
            made = getattr(made, name)
        made = made() if callable(made) else made
        if isinstance(made, Toolset):
            return made
        raise _unusable(
            reference, f"It gives a {type(made).__name__}, not a Toolset.", hint="return Toolset([…])"
        )
    if isinstance(guard.error, ConfigError):
        raise guard.error
    found = "" if guard.error is None else describe(guard.error)
    hint = "is it installed? For a module of this folder, set PYTHONPATH=."
    raise _unusable(reference, "The tools cannot be made.", found, hint)


def _unusable(reference: str, message: str, found: str = "", hint: str = "") -> ConfigError:
    return ConfigError(Diagnostic("invalid-tools", message, "--tools", reference, found, hint))
