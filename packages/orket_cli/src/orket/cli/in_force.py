"""The configuration in force, each rule with its sources."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, NamedTuple, cast

from orket.core.families import FAMILIES
from orket.core.limits import Limits
from orket.core.settings import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orket.core.settings import Settings

__all__ = ["Rule", "configuration", "rules"]


class Rule(NamedTuple):
    """What one source says of a rule, and whether that is in force."""

    key: str
    value: object
    source: Source
    decides: bool


def rules(settings: Settings) -> Iterator[Rule]:
    """Each rule, as every source sets it; the first of a key decides, and all ``allowed_nodes`` hold at once."""
    for family in FAMILIES:
        for place, asked in enumerate(settings.asked(family)):
            yield Rule(family.rule, asked.value, asked.source, place == 0)
        for source, names in settings.allowed_nodes(family):
            yield Rule(f"allowed_nodes.{family.name}", list(names), source, True)
    written = settings.config.get("process_rules", {})
    where = settings.place_of("process_rules.on_unusable_node")
    source = Source("file", where) if "on_unusable_node" in written else Source("default", "orket-core")
    yield Rule("on_unusable_node", "no-tools" if settings.without_tools else "error", source, True)


def configuration(settings: Settings) -> dict[str, dict[str, object]]:
    """What is in force besides the rules, defaults included, as JSON can say it."""
    return {
        table: {key: _sayable(entry) for key, entry in entries.items()}
        for table, entries in _tables(settings).items()
    }


def _sayable(value: object) -> object:
    """``value`` with text for what TOML has and JSON has not: dates, times, and numbers without an end."""
    if isinstance(value, dict):
        return {key: _sayable(entry) for key, entry in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_sayable(entry) for entry in cast("list[object]", value)]
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    return value if value is None or isinstance(value, str | int) else str(value)


def _tables(settings: Settings) -> dict[str, dict[str, object]]:
    config, limits = settings.config, Limits()
    gate, plugins = config.get("gate", {}), config.get("plugins", {})
    tools, workspace = config.get("tools", {}), config.get("workspace", {})
    observers = config.get("observers", {})
    return {
        "gate": {
            "mode": gate.get("mode", "enforce"),
            "nodes": gate.get("nodes", {}),
            "evidence": settings.evidence,
            "max_age_days": gate.get("max_age_days"),
        },
        "nodes": {family.name: config.get("nodes", {}).get(family.name, {}) for family in FAMILIES},
        "plugins": {"allow": plugins.get("allow"), "deny": plugins.get("deny", [])},
        "tools": {
            "groups": tools.get("groups", []),
            "effects": tools.get("effects", {}),
            "unconfined": tools.get("unconfined", []),
        },
        "observers": {"enable": observers.get("enable", []), "options": observers.get("options", {})},
        "workspace": {
            "root": settings.path(workspace.get("root", ".")),
            "references": [settings.path(path) for path in workspace.get("references", [])],
        },
        "limits": {
            "timeout": limits.timeout,
            "max_output": limits.max_output,
            "concurrency": limits.concurrency,
            "session_concurrency": limits.session_concurrency,
            "queue": limits.queue,
            **config.get("limits", {}),
            "allow_effects": list(settings.allow_effects),
        },
    }
