"""Every entry point that may be a node, found by reading metadata: nothing of a plugin is imported."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from orket.core.errors import Diagnostic
from orket.core.families import FAMILIES
from orket.core.family import NodeRef
from orket.core.metadata import Look, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orket.core.family import Family

__all__ = ["GROUPS", "Catalog", "discover"]

GROUPS = (*(family.group for family in FAMILIES), "orket.tools", "orket.observers")
"""The groups of entry points that are read."""
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"
# A folder's times advance in ticks of up to 10 ms: what changed just now may change again without a trace.
_SETTLED_NS = 50_000_000


class Catalog(NamedTuple):
    """Every ``NodeRef`` of the interpreter, and the problems met while looking."""

    refs: tuple[NodeRef, ...]
    """The entry points in effect whose group starts with ``orket``, however it is written; sorted."""
    shadowed: tuple[NodeRef, ...]
    """Entry points of distributions that an earlier one of the same normalised name hides; sorted."""
    problems: tuple[Diagnostic, ...]
    """What looks wrong; sorted. Each is a warning for as long as nobody asks for the name it is about."""
    metadata: Mapping[str, str]
    """Where the metadata of each distribution in effect is, by the distribution's normalised name."""

    def group(self, name: str) -> tuple[NodeRef, ...]:
        """The entry points in effect of exactly this group."""
        return tuple(ref for ref in self.refs if ref.group == name)

    def candidates(self, family: Family[object]) -> tuple[NodeRef, ...]:
        """The nodes that ``family`` can choose from."""
        return self.group(family.group)


class _Kept(NamedTuple):
    stamps: list[tuple[object, ...]]
    finders: list[object]
    catalog: Catalog


_kept: _Kept | None = None


def discover(path: Sequence[str] | None = None, *, fresh: bool = False) -> Catalog:
    """Look at every distribution on ``path``. What is wrong with one becomes a problem; nothing raises.

    The last answer is kept for as long as each entry of ``path`` has the same inode and times. Installers make,
    rename and remove metadata folders, which changes the entry that holds them. A file edited by hand inside a
    metadata folder does not: only ``fresh`` sees that. While there are foreign finders nothing is kept, because
    what they know can change without a trace.

    Args:
        path: the folders and archives to look at; ``sys.path`` when absent.
        fresh: look again, whatever was kept.
    """
    global _kept  # noqa: PLW0603 - the one answer that a process keeps
    stamps = [_stamp(entry) for entry in (sys.path if path is None else path)]
    kept = _kept
    if kept and not fresh and kept.stamps == stamps and kept.finders == sys.meta_path:
        return kept.catalog
    # Stamped before the look, so that the next call sees what changed meanwhile.
    distinct: dict[object, str] = {}
    for entry, *status in stamps:
        distinct.setdefault(tuple(status) or entry, str(entry))
    look = Look()
    foreign = look.everywhere(list(distinct.values()))
    catalog = _catalog(look)
    _kept = None if foreign or _unsettled(stamps) else _Kept(stamps, list(sys.meta_path), catalog)
    return catalog


def _stamp(entry: str) -> tuple[object, ...]:
    try:
        status = os.stat("." if entry == "" else entry)
    except (OSError, TypeError, ValueError):
        return (entry,)
    return (entry, status.st_ino, status.st_dev, status.st_mtime_ns, status.st_ctime_ns)


def _unsettled(stamps: Iterable[tuple[object, ...]]) -> bool:
    latest = time.time_ns() - _SETTLED_NS
    return any(isinstance(stamp[-1], int) and stamp[-1] > latest for stamp in stamps)


def _catalog(look: Look) -> Catalog:
    chosen = look.places
    hidden: list[tuple[str, str]] = []
    for name, place in look.rivals:
        first = chosen[name]
        if look.is_whole(place) and not look.is_whole(first):
            chosen[name], place = place, first  # noqa: PLW2901 - the other one is hidden now
        hidden.append((name, place))
    for name, place in hidden:
        if not look.declared.keys().isdisjoint((place, chosen[name])):
            _report_stale(look, name, chosen[name], place)
    refs: list[NodeRef] = []
    shadowed: list[NodeRef] = []
    for one in look.declared.values():
        into = refs if chosen[one.name] == one.place else shadowed
        into += [NodeRef(*point, one.name, one.version, one.place) for point in one.points]
    problems = {*look.problems, *_odd(refs), *_duplicates(refs)}
    return Catalog(tuple(sorted(refs)), tuple(sorted(shadowed)), tuple(sorted(problems)), chosen)


def _report_stale(look: Look, name: str, winner: str, place: str) -> None:
    folder, other = os.path.split(place)
    if os.path.dirname(winner) == folder:
        message = f"One folder holds the metadata of '{name}' more than once."
        found = f"{os.path.basename(winner)} (in effect), {other}"
        look.report("stale-metadata", message, folder, found, "delete what is not installed any more")


def _odd(refs: Iterable[NodeRef]) -> Iterator[Diagnostic]:
    for ref in refs:
        line = f"{ref.name} = {ref.value}"
        if ref.group not in GROUPS and (near := _near(ref.group)):
            yield Diagnostic(
                "near-miss-group",
                f"Nothing reads the group '{ref.group}' of '{ref.distribution}'.",
                looked_in=ref.location,
                found=line,
                hint=f"did you mean '{near}'?",
            )
        if not _is_node_name(ref.name):
            better = normalised(ref.name.lower())
            yield Diagnostic(
                "bad-node-name",
                f"'{ref.name}' of '{ref.distribution}' is no name for a node: "
                "names are lower-case letters, digits and hyphens, and start with a letter.",
                looked_in=ref.location,
                found=line,
                hint=f"did you mean '{better}'?" if _is_node_name(better) else "rename it",
            )
        if not _is_reference(ref.value):
            yield Diagnostic(
                "bad-entry-point",
                f"'{ref.qualified}' in '{ref.group}' names nothing that can be imported.",
                looked_in=ref.location,
                found=line,
                hint="write 'name = module:attribute'",
            )


def _duplicates(refs: Iterable[NodeRef]) -> Iterator[Diagnostic]:
    namesakes: dict[tuple[str, str], list[NodeRef]] = {}
    for ref in refs:
        namesakes.setdefault((ref.group, ref.name), []).append(ref)
    for (group, name), same in namesakes.items():
        if len(same) > 1:
            qualified = sorted({ref.qualified for ref in same})
            apart = len(qualified) == len(same)
            yield Diagnostic(
                "duplicate-node",
                f"{len(same)} entry points of '{group}' are called '{name}'.",
                looked_in=", ".join(sorted({ref.location for ref in same})),
                found=", ".join(sorted(f"{ref.qualified} = {ref.value}" for ref in same)),
                hint=f"choose by the whole name, such as '{qualified[0]}'"
                if apart
                else "keep one of its lines",
            )


def _near(group: str) -> str:
    from difflib import get_close_matches  # only when something is wrong

    # Nearer than a family of somebody else's would be: 'orket.prompt_strategy' is at 0.80, a plural at 0.90.
    known = {normalised(read): read for read in GROUPS}
    near = get_close_matches(normalised(group.strip().lower()), known, n=1, cutoff=0.88)
    return known[near[0]] if near else ""


def _is_node_name(name: str) -> bool:
    return "a" <= name[:1] <= "z" and not name.strip(_NAME_CHARACTERS)


def _is_reference(value: str) -> bool:
    module, colon, attribute = (part.strip() for part in value.partition("[")[0].partition(":"))
    names = [*module.split("."), *(attribute.split(".") if colon else [])]
    return all(name.isidentifier() for name in names)
