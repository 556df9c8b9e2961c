"""``orket nodes``: every candidate of every family, and how each stands. Imports none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from orket.cli.families import family_named
from orket.core.activation import judge
from orket.core.discovery import discover
from orket.core.errors import OrketError
from orket.core.families import FAMILIES
from orket.core.resolver import resolve
from orket.core.settings import Settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from orket.cli.screen import Screen
    from orket.core.discovery import Catalog
    from orket.core.errors import Diagnostic
    from orket.core.family import Family, NodeRef
    from orket.core.gate import Verdict

__all__ = ["arguments", "run"]

_HEADER = ("", "FAMILY", "NODE", "DISTRIBUTION", "VERSION", "STATUS", "ENTRY POINT")


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("family", nargs="?", metavar="FAMILY", help="only the nodes of this family")


def run(arguments: Namespace, screen: Screen) -> int:
    """Print the candidates."""
    name: str | None = arguments.family
    families = FAMILIES if name is None else (family_named(name, "orket nodes"),)
    settings, catalog = Settings.load(), discover()
    rows: list[_Row] = []
    for family in families:
        found, refusal = _standings(family, settings, catalog)
        rows += found
        if refusal is not None:
            screen.warn(refusal.render("warning"))
    if screen.json:
        screen.facts([row.as_dict() for row in rows])
    else:
        screen.table([_HEADER, *(row.cells() for row in rows)])
        screen.line("* active")
        for note in _notes(rows):
            screen.line(note)
        for problem in catalog.problems:
            screen.finding(problem, "warning")
    return 0


class _Row(NamedTuple):
    """One candidate, and how it stands."""

    family: Family[object]
    ref: NodeRef
    status: str
    """The gate's judgement, or the code for which the node could not be chosen."""
    active: bool
    verdict: Verdict | None
    """What the gate says; ``None`` where it was not asked."""

    def as_dict(self) -> dict[str, object]:
        ref = self.ref
        return {
            "family": self.family.name,
            "name": ref.name,
            "distribution": ref.distribution,
            "version": ref.version,
            "entry_point": ref.value,
            "status": self.status,
            "active": self.active,
            "gate": None if self.verdict is None else self.verdict.as_dict(),
        }

    def cells(self) -> tuple[str, ...]:
        ref = self.ref
        mark = "*" if self.active else ""
        return mark, self.family.name, ref.name, ref.distribution, ref.version, self.status, ref.value


def _standings(
    family: Family[object], settings: Settings, catalog: Catalog
) -> tuple[list[_Row], Diagnostic | None]:
    """How each candidate stands, and why the configured one cannot be used where that is so."""
    resolution = resolve(family, settings, catalog)
    unusable = resolution.error
    rows: list[_Row] = []
    for ref in catalog.candidates(family):
        status, refusal, verdict = _standing(family, ref, settings, catalog)
        chosen = ref == resolution.node
        if chosen and refusal is not None:
            unusable = refusal._replace(asked_by=str(resolution.decided.source))
        rows.append(_Row(family, ref, status, chosen and refusal is None, verdict))
    return rows, unusable


def _standing(
    family: Family[object], ref: NodeRef, settings: Settings, catalog: Catalog
) -> tuple[str, Diagnostic | None, Verdict | None]:
    """The status of ``ref`` if it were asked for, why it would be refused where it would, and the gate's verdict."""
    asked = settings.with_rules("argument", "orket nodes", {family.rule: ref.qualified})
    refusal = resolve(family, asked, catalog).error
    if refusal is not None:
        return refusal.code, refusal, None
    try:
        _, verdict = judge(family, ref, settings, catalog)
    except OrketError as error:
        return error.code, error.diagnostic, None
    refusal = None if verdict.passes else verdict.refusal(ref, "", settings.evidence)
    return verdict.judgement, refusal, verdict


def _notes(rows: list[_Row]) -> Iterator[str]:
    for family, ref, status, active, verdict in rows:
        default = f"{family.distribution}:{family.default}"
        if ref.name == family.default and not family.is_default(ref):
            yield f"note: '{ref.qualified}' is another candidate; the unconfigured choice is {default}"
        if verdict is None:
            continue
        if not verdict.proved and (wrong := "; ".join(verdict.flaws())):
            yield f"note: '{ref.qualified}' is {status}: {wrong}; {verdict.remedy(ref)}"
        yield from (f"note: {damaged}" for damaged in verdict.damaged)
        if active and not verdict.proved:
            yield f"note: '{ref.qualified}' is active and NOT PROVED ({status}): the gate only warns"
