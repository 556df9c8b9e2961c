"""What distributions ship besides nodes, found by the names that configuration gives: tool groups and observers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from orket.core.errors import ConfigError, Diagnostic, closest
from orket.core.resolver import denied

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orket.core.discovery import Catalog
    from orket.core.family import NodeRef
    from orket.core.settings import Settings

__all__ = ["OBSERVERS", "TOOL_GROUPS", "Kind", "named", "title", "unusable"]


class Kind(NamedTuple):
    """What is looked for."""

    title: str
    """How messages call one of it."""
    group: str
    """The entry-point group it is found in."""
    key: str
    """The configuration's key that names it."""


TOOL_GROUPS = Kind("tool group", "orket.tools", "tools.groups")
OBSERVERS = Kind("observer", "orket.observers", "observers.enable")


def named(
    kind: Kind, names: Iterable[str], settings: Settings, catalog: Catalog, asked_by: str = ""
) -> Iterator[NodeRef]:
    """The one of ``kind`` that each name means, in this order and each once. Nothing is imported.

    Args:
        kind: what is looked for.
        names: which ones, by name or as ``distribution:name``.
        settings: the configuration.
        catalog: what is installed.
        asked_by: who gave the names; ``kind.key`` of the configuration when left out.

    Raises:
        ConfigError: there is none of that name, two distributions ship it, or its distribution is denied.
    """
    every = catalog.group(kind.group)
    for name in dict.fromkeys(names):
        yield _one(kind, name, every, settings, asked_by or settings.place_of(kind.key))


def _one(kind: Kind, name: str, every: Iterable[NodeRef], settings: Settings, asked_by: str) -> NodeRef:
    distribution, _, short = name.rpartition(":")
    refs = [ref for ref in every if ref.name == short and distribution in ("", ref.distribution)]
    if len(refs) == 1:
        if (error := denied(refs[0], settings)) is not None:
            raise ConfigError(error)
        return refs[0]
    if refs:
        found = ", ".join(ref.qualified for ref in refs)
        message = f"{len(refs)} distributions ship {_article(kind)} '{name}'."
        raise unusable(kind, message, asked_by, found, "say which one")
    names = sorted({ref.name for ref in every})
    hint = closest(name, names) or "install the distribution that ships it"
    found = ", ".join(names) or f"no {kind.title.split()[-1]} at all"
    raise unusable(kind, f"There is no {kind.title} '{name}'.", asked_by, found, hint)


def title(ref: NodeRef) -> str:
    """How messages call what an entry point describes."""
    return next((kind.title for kind in (TOOL_GROUPS, OBSERVERS) if kind.group == ref.group), "node")


def unusable(kind: Kind, message: str, asked_by: str, found: str, hint: str = "") -> ConfigError:
    """The refusal of one of ``kind`` that somebody named."""
    return ConfigError(
        Diagnostic("invalid-config", message, asked_by, f"entry points '{kind.group}'", found, hint)
    )


def _article(kind: Kind) -> str:
    return f"{'an' if kind.title[0] in 'aeiou' else 'a'} {kind.title}"
