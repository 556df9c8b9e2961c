"""What else a node needs to run, by the metadata of what is installed."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from orket.core.errors import Diagnostic, OrketError
from orket.core.metadata import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from orket.core.discovery import Catalog
    from orket.core.family import NodeRef

    _Need: TypeAlias = tuple[str, str]  # a distribution and one of its extras, or ""

__all__ = ["needed"]

_CORE = "orket-core"


def needed(ref: NodeRef, catalog: Catalog) -> dict[str, str]:
    """The installed distributions that ``ref`` needs and core does not, directly or through others; their versions.

    Raises:
        OrketError: a marker cannot be judged, so nobody can say what is needed.
    """
    own = {(_CORE, "")}
    of_core = own | _requirements(catalog.metadata[_CORE]) if _CORE in catalog.metadata else own
    extras = ref.value.partition("[")[2].partition("]")[0].split(",")
    needs = {need for extra in ("", *extras) for need in _requirements(ref.location, extra.strip())} - of_core
    if not needs:  # as with most nodes; walking further would judge markers, which is slow to import
        return {}
    names = sorted(_closure(needs, catalog) - {_CORE} - _closure(of_core, catalog))
    return {name: next(iter(_headers(catalog.metadata[name], "Version")), "") for name in names}


def _closure(needs: Iterable[_Need], catalog: Catalog) -> set[str]:
    """The installed distributions among ``needs``, and what they need in turn."""
    met: set[_Need] = set()
    waiting = set(needs)
    while waiting:
        need = name, extra = waiting.pop()
        if name in catalog.metadata and need not in met:
            met.add(need)
            waiting |= _requirements(catalog.metadata[name], extra)
    return {name for name, _ in met}


def _requirements(location: str, extra: str = "") -> set[_Need]:
    """What ``Requires-Dist`` asks for here, its markers true; an extra of a distribution is a need of its own."""
    needs: set[_Need] = set()
    for line in _headers(location, "Requires-Dist"):
        need, _, marker = line.partition(";")
        if marker and not _holds(marker, extra, location):
            continue
        name, _, extras = need.partition("]")[0].partition("[")
        name = normalised(re.split(r"[^A-Za-z0-9._-]", name, maxsplit=1)[0]).lower()
        needs |= {(name, normalised(word.strip()).lower()) for word in ("", *extras.split(","))}
    return needs


def _holds(marker: str, extra: str, location: str) -> bool:
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    try:
        return Marker(marker.strip()).evaluate({"extra": extra})
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName) as error:
        message = f"What is needed cannot be told: {error}."
        hint = "install a version whose metadata is valid"
        raise OrketError(Diagnostic("broken-metadata", message, looked_in=location, hint=hint)) from error


def _headers(location: str, key: str) -> list[str]:
    try:
        with open(os.path.join(location, "METADATA"), encoding="utf-8", errors="replace") as stream:
            head = stream.read().partition("\n\n")[0]
    except OSError:
        return []
    return [line.partition(":")[2].strip() for line in head.splitlines() if line.startswith(f"{key}:")]
