"""The tools that configuration chooses: groups that distributions ship, and what they may do."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING

from orket.core.extensions import TOOL_GROUPS, named, unusable
from orket.core.loader import load_object
from orket.core.tools import Tool
from orket.core.toolset import Toolset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orket.core.discovery import Catalog
    from orket.core.settings import Settings

__all__ = ["classified", "load_groups"]


def load_groups(given: Iterable[str] | None, settings: Settings, catalog: Catalog) -> Toolset:
    """The tools of the named groups, in this order. Groups that are not named are not imported.

    Args:
        given: the names that an application gave; ``None`` for those that the configuration chooses.
        settings: the configuration.
        catalog: what is installed.

    Raises:
        ConfigError: there is no such group, two distributions ship it, or its distribution is denied.
        ResolutionError: a group cannot be imported.
    """
    names = settings.config.get("tools", {}).get("groups", []) if given is None else given
    asked_by = settings.place_of(TOOL_GROUPS.key) if given is None else "Runtime(groups=…)"
    tools = Toolset()
    for ref in named(TOOL_GROUPS, names, settings, catalog, asked_by):
        group = load_object(ref)
        if not isinstance(group, Toolset):
            message = f"Tool group '{ref.name}' is a {type(group).__name__}, not a Toolset."
            raise unusable(TOOL_GROUPS, message, asked_by, ref.value)
        tools |= group.map(partial(Tool.with_, owner=f"{ref.distribution}:{ref.name}"))
    return tools


def classified(tools: Toolset, settings: Settings) -> Toolset:
    """``tools`` as ``[tools]`` sees them.

    Tools whose author declared no effects get those of the last pattern of ``effects`` that fits; tools listed as
    ``unconfined`` may run without a runner that confines them.
    """
    table = settings.config.get("tools", {})
    patterns, unconfined = table.get("effects", {}), table.get("unconfined", [])

    def classify(tool: Tool) -> Tool:
        effects = [words for pattern, words in patterns.items() if fnmatchcase(tool.name, pattern)]
        if effects and not tool.declared:
            tool = tool.with_(effects=effects[-1])
        return tool.with_(confine=False) if tool.confine and tool.name in unconfined else tool

    return tools.map(classify) if patterns or unconfined else tools
