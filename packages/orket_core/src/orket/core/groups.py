"""The tools that configuration chooses: groups that distributions ship, and what they may do."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING

from orket.core.errors import ConfigError, Diagnostic, closest
from orket.core.loader import load_object
from orket.core.resolver import denied
from orket.core.tools import Tool
from orket.core.toolset import Toolset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orket.core.discovery import Catalog
    from orket.core.family import NodeRef
    from orket.core.settings import Settings

__all__ = ["classified", "load_groups"]

_GROUP = "orket.tools"


def load_groups(names: Iterable[str], settings: Settings, catalog: Catalog) -> Toolset:
    """The tools of the named groups, in this order. Groups that are not named are not imported.

    Raises:
        ConfigError: there is no such group, two distributions ship it, or its distribution is denied.
        ResolutionError: a group cannot be imported.
    """
    tools = Toolset()
    for name in dict.fromkeys(names):
        ref = _find(name, settings, catalog)
        group = load_object(ref)
        if not isinstance(group, Toolset):
            raise _unusable(
                f"Tool group '{name}' is a {type(group).__name__}, not a Toolset.", settings, ref.value
            )
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


def _find(name: str, settings: Settings, catalog: Catalog) -> NodeRef:
    every = catalog.group(_GROUP)
    distribution, _, short = name.rpartition(":")
    refs = [ref for ref in every if ref.name == short and distribution in ("", ref.distribution)]
    if len(refs) == 1:
        if (error := denied(refs[0], settings)) is not None:
            raise ConfigError(error)
        return refs[0]
    if refs:
        found = ", ".join(ref.qualified for ref in refs)
        raise _unusable(
            f"{len(refs)} distributions ship a tool group '{name}'.", settings, found, "say which one"
        )
    names = sorted({ref.name for ref in every})
    hint = closest(name, names) or "install the distribution that ships it"
    raise _unusable(
        f"There is no tool group '{name}'.", settings, ", ".join(names) or "no group at all", hint
    )


def _unusable(message: str, settings: Settings, found: str, hint: str = "") -> ConfigError:
    asked_by = f"{settings.file or 'the configuration'}: tools.groups"
    return ConfigError(
        Diagnostic("invalid-config", message, asked_by, f"entry points '{_GROUP}'", found, hint)
    )
