"""``orket doctor``: what is installed, what is in force, what is wrong, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from orket.cli.examination import examine
from orket.cli.in_force import configuration, rules

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from orket.cli.examination import Examination
    from orket.cli.screen import Screen
    from orket.core.family import NodeRef
    from orket.core.settings import Settings

__all__ = ["arguments", "run"]


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes: nothing."""


def run(arguments: Namespace, screen: Screen) -> int:  # noqa: ARG001 - every command is run alike
    """Print what was found; 1 where the choice in force cannot work."""
    found = examine()
    if screen.json:
        screen.facts(_plain(found))
    else:
        _Report(screen).show(found)
    return 1 if found.broken else 0


def _plain(found: Examination) -> dict[str, object]:
    return {
        "installed": [
            {"distribution": name, "version": version, "entry_points": [_point(ref) for ref in refs]}
            for (name, version), refs in found.installed().items()
        ],
        "shadowed": [{**_point(ref), **_origin(ref)} for ref in found.catalog.shadowed],
        "active": [resolution.as_dict() for resolution in found.resolutions],
        "configuration": None if found.settings is None else _settings(found.settings),
        "confinement": found.confinement(),
        "broken": [diagnostic.as_dict() for diagnostic in found.broken],
        "warnings": [diagnostic.as_dict() for diagnostic in found.warnings],
    }


def _point(ref: NodeRef) -> dict[str, object]:
    return {"group": ref.group, "name": ref.name, "value": ref.value}


def _origin(ref: NodeRef) -> dict[str, object]:
    return {"distribution": ref.distribution, "version": ref.version, "location": ref.location}


def _settings(settings: Settings) -> dict[str, object]:
    said = [
        {"rule": key, "value": value, "source": source._asdict(), "decides": decides}
        for key, value, source, decides in rules(settings)
    ]
    return {"file": settings.file, "rules": said, **configuration(settings)}


class _Report:
    """The examination as text, a section for each question."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def show(self, found: Examination) -> None:
        self._section("Installed", list(_installed(found)))
        self._section("Active", list(_active(found)))
        self._section("Configuration", list(_configuration(found.settings)))
        self._section("Confinement", list(found.confinement().items()))
        for diagnostic in found.broken:
            self._screen.finding(diagnostic, "broken")
        for diagnostic in found.warnings:
            self._screen.finding(diagnostic, "warning")
        if not (found.broken or found.warnings):
            self._screen.line("Nothing is wrong.")

    def _section(self, title: str, rows: Sequence[Sequence[str]]) -> None:
        self._screen.line(title)
        self._screen.table([(f"  {first}", *rest) for first, *rest in rows] or [("  nothing",)])
        self._screen.line()


def _installed(found: Examination) -> Iterator[tuple[str, str]]:
    for (name, version), refs in found.installed().items():
        groups: dict[str, list[str]] = {}
        for ref in refs:
            groups.setdefault(ref.family, []).append(ref.name)
        supplied = "; ".join(f"{group}: {', '.join(names)}" for group, names in groups.items())
        yield f"{name} {version}", supplied
    for ref in found.catalog.shadowed:
        yield f"{ref.distribution} {ref.version}", f"{ref.family}: {ref.name}, SHADOWED in {ref.location}"


def _active(found: Examination) -> Iterator[tuple[str, str]]:
    for resolution in found.resolutions:
        ref, verdict = resolution.node, resolution.verdict
        if ref is not None and verdict is not None:
            gate = verdict.judgement if verdict.proved else f"NOT PROVED ({verdict.judgement})"
            chosen = f"{ref.qualified} {ref.version}, by {resolution.decided.source}"
            yield resolution.family.name, f"{chosen}; gate: {gate}"


def _configuration(settings: Settings | None) -> Iterator[tuple[str, str]]:
    if settings is None:
        yield "none", "it cannot be used: see below"
        return
    yield "file", settings.file or "none: no orket.toml here or in a folder above, and no ORKET_CONFIG"
    for key, value, source, decides in rules(settings):
        yield key, f"{_text(value)}, by {source}{'' if decides else ', overruled'}"
    for table, entries in configuration(settings).items():
        for key, entry in entries.items():
            yield f"{table}.{key}", _text(entry)


def _text(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[object]", value))) or "none"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else "none"
    return str(value)
