"""The parts of a runtime: what an application may give, and what the configuration says where it gives nothing."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TypedDict

from orket.core.errors import ConfigError, Diagnostic, closest
from orket.core.extensions import OBSERVERS, named
from orket.core.families import FAMILIES
from orket.core.limits import Limits
from orket.core.loader import build
from orket.core.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orket.core.discovery import Catalog
    from orket.core.executor import Approve
    from orket.core.journal import Journal
    from orket.core.recording import Recording
    from orket.core.settings import Settings

__all__ = ["Parts", "known", "limits", "observers", "pinned", "workspace"]


class Parts(TypedDict, total=False):
    """What a runtime may be given besides its tools; each has a default."""

    process_rules: Mapping[str, object]
    """Rules that are stronger than a file's and weaker than the environment."""
    nodes: Mapping[str, str]
    """Nodes by family, ``{"tool_strategy": "read-only"}``; stronger than every other source."""
    groups: Iterable[str]
    """Tool groups, in place of those that the configuration chooses."""
    workspace: Workspace | str | os.PathLike[str]
    """Where tools find files; by default the configured folder, or the working directory."""
    journal: Journal
    """Where calls are recorded; by default in memory."""
    observers: Iterable[object]
    """Objects with hookimpls of ``Observer``, besides those that the configuration enables."""
    approve: Approve
    """Asked before each call of a tool that needs approval; by default such calls do not run."""
    deps: object
    """The application's objects, for tools that take a ``CallContext``."""
    record: Recording | str | os.PathLike[str]
    """A file that what the model asks and what it is answered are appended to, and that no tool can write in the
    workspace; closed with the runtime."""


def known(parts: Parts) -> Parts:
    """``parts``, once each is one that a runtime has: a misspelt one would leave its default in force.

    Raises:
        ConfigError: there is no such part.
    """
    names = tuple(Parts.__annotations__)
    for name in parts:
        if name not in names:
            message, found = f"A runtime has no part '{name}'.", ", ".join(names)
            hint = closest(name, names) or "name one of these"
            raise ConfigError(Diagnostic("invalid-config", message, f"Runtime({name}=…)", "", found, hint))
    return parts


def pinned(settings: Settings, nodes: Mapping[str, str], where: str) -> Settings:
    """``settings`` in which the nodes of the named families are decided by an argument.

    Args:
        settings: what holds for the other families.
        nodes: nodes by the names of their families.
        where: what they were passed to, for messages.

    Raises:
        ConfigError: there is no such family.
    """
    if not nodes:
        return settings
    rules = {family.name: family.rule for family in FAMILIES}
    for name in nodes:
        if name not in rules:
            message, found = f"There is no node family '{name}'.", ", ".join(rules)
            hint = closest(name, rules) or "name one of these"
            raise ConfigError(Diagnostic("invalid-config", message, where, "the families", found, hint))
    return settings.with_rules("argument", where, {rules[name]: node for name, node in nodes.items()})


def observers(settings: Settings, catalog: Catalog) -> Iterator[object]:
    """The observers that ``[observers]`` enables, built with their options. Others are not imported.

    Raises:
        ConfigError: there is no such observer, two distributions ship it, or its distribution is denied.
        ResolutionError: an observer cannot be imported or built.
    """
    table = settings.config.get("observers", {})
    for ref in named(OBSERVERS, table.get("enable", []), settings, catalog):
        options_at = settings.place_of(f"observers.options.{ref.name}")
        yield build(ref, table.get("options", {}).get(ref.name, {}), options_at)


def limits(settings: Settings) -> Limits:
    """The ``[limits]`` table; what it does not say is as it is without one."""
    table, default = settings.config.get("limits", {}), Limits()
    return Limits(
        timeout=table.get("timeout", default.timeout),
        max_output=table.get("max_output", default.max_output),
        concurrency=table.get("concurrency", default.concurrency),
        session_concurrency=table.get("session_concurrency", default.session_concurrency),
        queue=table.get("queue", default.queue),
    )


def workspace(
    given: str | os.PathLike[str] | None,
    settings: Settings,
    catalog: Catalog,
    record: Recording | str | os.PathLike[str] | None = None,
) -> Workspace:
    """The folder ``given``, or the configured one, in which nothing that Orket reads can be written.

    Nor can ``record``: an agent must not change what is recorded of it.

    Raises:
        ConfigError: a folder is not there.
    """
    table = settings.config.get("workspace", {})
    root = os.path.realpath(settings.path(table.get("root", ".")) if given is None else given)
    references = [settings.path(reference) for reference in table.get("references", [])]
    recording = [] if record is None else [record if isinstance(record, str | os.PathLike) else record.path]
    protected = (*recording, *_read_by_orket(root, settings, catalog))
    return Workspace(root, references=references, protected=protected)


def _read_by_orket(root: str, settings: Settings, catalog: Catalog) -> Iterator[str]:
    """The configuration, the evidence, and code that this process could import from folders below the root."""
    if settings.file is not None:
        yield settings.file
    yield settings.evidence
    folders = {*sys.path, *(os.path.dirname(location) for location in catalog.metadata.values())}
    for folder in sorted(folders):
        if os.path.realpath(folder or ".").startswith(os.path.join(root, "")):
            yield os.path.realpath(folder)
