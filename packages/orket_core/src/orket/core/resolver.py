"""Which node a family gets, by names alone: a pure decision over what is installed and what was asked."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from orket.core.errors import Diagnostic, closest
from orket.core.metadata import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orket.core.discovery import Catalog
    from orket.core.family import Family, NodeRef
    from orket.core.gate import Verdict
    from orket.core.settings import Asked, Settings

__all__ = ["Rejection", "Resolution", "denied", "resolve"]

_BROKEN = frozenset({"broken-metadata", "stale-metadata", "leftover"})


class Rejection(NamedTuple):
    """A candidate that is not the one, and why."""

    name: str
    distribution: str
    code: str
    reason: str


class Resolution(NamedTuple):
    """Which node, who asked and where, every candidate that lost and why, what the gate said."""

    family: Family[object]
    considered: tuple[Asked, ...]
    """Who asked for what, the strongest first. The first one decides."""
    rejected: tuple[Rejection, ...]
    node: NodeRef | None = None
    """The chosen node; ``None`` where ``error`` says why there is none."""
    error: Diagnostic | None = None
    verdict: Verdict | None = None
    """What the gate said of the node; ``None`` before it was asked."""

    @property
    def decided(self) -> Asked:
        """The request that decides."""
        return self.considered[0]

    def as_dict(self) -> dict[str, object]:
        """The resolution as JSON says it."""
        node, source = self.node, self.decided.source
        return {
            "family": self.family.name,
            "node": node and {"name": node.name, "distribution": node.distribution, "version": node.version},
            "source": source._asdict(),
            "considered": [
                {"source": asked.source._asdict(), "value": asked.value} for asked in self.considered
            ],
            "rejected": [rejection._asdict() for rejection in self.rejected],
            "gate": self.verdict and self.verdict.as_dict(),
        }


def resolve(
    family: Family[object],
    settings: Settings,
    catalog: Catalog,
    refused: Mapping[str, Diagnostic] | None = None,
) -> Resolution:
    """Choose a node of ``family``. Nothing is imported, and nothing is read.

    Args:
        family: the decision to make.
        settings: who asked for what.
        catalog: what is installed.
        refused: why nodes, by their identity, were turned down after an earlier resolution chose them.

    Returns:
        A resolution with either a ``node`` or an ``error``.
    """
    considered = settings.asked(family)
    asked = considered[0]
    distribution, _, name = asked.value.rpartition(":")
    named: list[NodeRef] = []
    usable: list[NodeRef] = []
    rejected: list[Rejection] = []
    errors: list[Diagnostic] = []
    for ref in catalog.candidates(family):
        if ref.name != name or distribution not in ("", ref.distribution):
            rejected.append(_rejection(ref, "not-asked", f"'{asked.value}' was asked for, by {asked.source}"))
            continue
        named.append(ref)
        turned_down = (refused or {}).get(ref.identity)
        error = _forbidden(ref, family, settings, asked) or _ill_named(ref, catalog, asked) or turned_down
        if error is None:
            usable.append(ref)
        else:
            # Of namesakes, the one that was chosen says what is wrong; that others are denied was meant.
            errors.insert(0 if error is turned_down else len(errors), error)
            rejected.append(_rejection(ref, error.code, error.message))
    if len(usable) == 1:
        return Resolution(family, considered, tuple(rejected), usable[0])
    if usable:
        error = _ambiguous(family, asked, usable)
        rejected += [_rejection(ref, error.code, error.message) for ref in usable]
    else:
        error = errors[0] if errors else _unknown(family, asked, catalog)
    return Resolution(family, considered, tuple(rejected), error=error)


def _rejection(ref: NodeRef, code: str, reason: str) -> Rejection:
    return Rejection(ref.name, ref.distribution, code, reason)


def _forbidden(ref: NodeRef, family: Family[object], settings: Settings, asked: Asked) -> Diagnostic | None:
    """Why the configuration does not let ``ref`` be active, whoever asks for it."""
    if (error := denied(ref, settings)) is not None:
        return error._replace(asked_by=str(asked.source))
    for source, names in settings.allowed_nodes(family):
        if ref.name not in names and ref.qualified not in names:
            return Diagnostic(
                "forbidden-node",
                f"Node '{ref.name}' is not among the allowed nodes of family '{family.name}'.",
                asked_by=str(asked.source),
                looked_in=str(source),
                found=", ".join(names) or "an empty list",
                hint="name an allowed node" if names else "the list allows no node at all",
            )
    return None


def _ill_named(ref: NodeRef, catalog: Catalog, asked: Asked) -> Diagnostic | None:
    """What was only a warning while nobody asked for a node whose name is none, and may be a path or a pattern."""
    line = f"{ref.name} = {ref.value}"
    for problem in catalog.problems:
        if (problem.code, problem.looked_in, problem.found) == ("bad-node-name", ref.location, line):
            return problem._replace(code="contract-mismatch", asked_by=str(asked.source))
    return None


def denied(ref: NodeRef, settings: Settings) -> Diagnostic | None:
    """Why nothing of the distribution of ``ref`` may be imported, or ``None`` where it may."""
    plugins = settings.config.get("plugins", {})
    allow, deny = plugins.get("allow"), plugins.get("deny", [])
    pattern = next((pattern for pattern in deny if _matches(ref, pattern)), None)
    if pattern is None and (allow is None or any(_matches(ref, name) for name in allow)):
        return None
    return Diagnostic(
        "denied-distribution",
        f"Distribution '{ref.distribution}' may not supply anything, so '{ref.name}' cannot be used.",
        looked_in=settings.place_of(f"plugins.{'allow' if pattern is None else 'deny'}"),
        found=", ".join(allow or []) or "an empty list" if pattern is None else pattern,
        hint="use what another distribution supplies, or change the list",
    )


def _matches(ref: NodeRef, pattern: str) -> bool:
    """However a pattern spells the distribution's name: a list that misses by spelling would let it in."""
    return fnmatchcase(ref.distribution, normalised(pattern).lower())


def _ambiguous(family: Family[object], asked: Asked, candidates: list[NodeRef]) -> Diagnostic:
    names = list(dict.fromkeys(f"'{ref.qualified}'" for ref in candidates))
    if len(names) > 1:
        many, hint = f"{len(names)} distributions ship", "say which: " + " or ".join(names)
        found = ", ".join(f"{ref.qualified} ({ref.version})" for ref in candidates)
    else:
        many = f"One distribution ships {len(candidates)} times"
        hint = "keep one of its lines, or choose another node"
        found = ", ".join(f"{ref.qualified} = {ref.value}" for ref in candidates)
    return Diagnostic(
        "ambiguous-node",
        f"{many} a node '{asked.value}' for family '{family.name}'.",
        asked_by=str(asked.source),
        looked_in=f"entry points '{family.group}'",
        found=found,
        hint=hint,
    )


def _unknown(family: Family[object], asked: Asked, catalog: Catalog) -> Diagnostic:
    candidates = catalog.candidates(family)
    distributions = len({ref.distribution for ref in candidates})
    plural = "" if distributions == 1 else "s"
    names = sorted({ref.name for ref in candidates})
    return Diagnostic(
        "unknown-node",
        f"No node '{asked.value}' for family '{family.name}'.",
        asked_by=str(asked.source),
        looked_in=f"entry points '{family.group}', {distributions} distribution{plural}",
        found=", ".join(names) or "no node at all",
        hint="; ".join(_hints(family, asked, catalog, names)) or "see 'orket nodes' for what is installed",
    )


def _hints(family: Family[object], asked: Asked, catalog: Catalog, names: list[str]) -> Iterator[str]:
    """What may be meant, the likeliest first."""
    distribution, _, name = asked.value.rpartition(":")
    namesakes = [ref for ref in catalog.candidates(family) if ref.name == name]
    if distribution and namesakes:
        yield "did you mean " + " or ".join(f"'{ref.qualified}'" for ref in namesakes) + "?"
    elif near := closest(name, names):
        yield near
    for ref in (*catalog.refs, *catalog.shadowed):
        if ref.name == name and ref.group != family.group:
            yield f"'{ref.qualified}' is in the entry-point group '{ref.group}', not in '{family.group}'"
        elif ref.name == name and ref in catalog.shadowed:
            yield f"'{ref.qualified}' in {ref.location} is hidden by an earlier installation"
    if any(problem.code in _BROKEN for problem in catalog.problems):
        yield "some installed metadata cannot be used: see 'orket doctor'"
    elif not names:
        yield f"install '{family.distribution}' so that its metadata is there"
