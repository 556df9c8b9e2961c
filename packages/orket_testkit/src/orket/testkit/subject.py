"""What is checked: a node as its author ships it, before anything of it is imported."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from orket.core import (
    FAMILIES,
    ConfigError,
    Diagnostic,
    NodeRef,
    ResolutionError,
    Settings,
    Toolset,
    discover,
    resolve,
)
from orket.core.proving import Declaration, contained, describe, load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from orket.core import Family

__all__ = ["Plan", "Subject", "family_named", "toolset_from"]


class Plan(NamedTuple):
    """How much a proof does. The same plan gives the same result."""

    seed: int = 0
    examples: int = 30
    """How many generated cases each generating check tries besides its frozen ones."""
    seconds: float = 60.0
    """How long one check may take before it counts as one that hangs: far longer than it needs, on a machine with
    much else to do as well."""
    toolset: str = ""
    """``package:factory`` of an application's own tools, which are composed as well and never called."""
    replay: Mapping[str, object] | None = None
    """A trace to show again, in place of everything else."""

    @property
    def brief(self) -> float:
        """Seconds that something may take which takes no time."""
        return self.seconds / 12


class Subject(NamedTuple):
    """A node and what it declares. Plain values: it travels to the processes that check it."""

    ref: NodeRef
    declared: Declaration = Declaration()
    sources: Mapping[str, tuple[str, str]] = {}
    """Where each of its files is, and its SHA-256: what is checked is what was measured."""

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """What ``plain`` gave, in another process."""
        sources = {name: (file, expected) for name, (file, expected) in plain["sources"].items()}
        return cls(NodeRef(*plain["ref"]), Declaration(*plain["declared"]), sources)

    def plain(self) -> dict[str, object]:
        """All of it as JSON can say it."""
        return {"ref": self.ref, "declared": self.declared, "sources": dict(self.sources)}

    @property
    def family(self) -> Family[object]:
        """The family that the node is of."""
        return family_named(self.ref.family)

    @property
    def folder(self) -> str:
        """The folder of the package that its declaration is in; empty where it declares nothing."""
        return os.path.dirname(self.declared.file)

    def make(self, options: Mapping[str, object] | None = None) -> object:
        """A fresh node, held to its contract.

        Raises:
            ResolutionError: it cannot be loaded with these options.
        """
        return load(self.family, self.ref, options or {}, "the case's options")

    def control(self) -> object:
        """A fresh node of the family's default, which every other is compared with.

        Raises:
            ResolutionError: it is not installed.
        """
        family = self.family
        chosen = resolve(family, Settings(), discover())
        if chosen.node is None:
            raise ResolutionError(cast("Diagnostic", chosen.error))
        return load(family, chosen.node, {}, "")


def family_named(name: str) -> Family[object]:
    """The family of that name.

    Raises:
        ConfigError: there is none.
    """
    for family in FAMILIES:
        if family.name == name:
            return family
    known = ", ".join(family.name for family in FAMILIES)
    raise ConfigError(Diagnostic("invalid-config", f"There is no node family '{name}'.", found=known))


def toolset_from(place: str) -> Toolset:
    """An application's tools, from ``package:factory``.

    Raises:
        ConfigError: it cannot be imported, fails, or gives no Toolset.
    """
    module, _, attribute = place.partition(":")
    made: object = None
    with contained() as guard:
        made = getattr(import_module(module), attribute)
        made = made() if callable(made) else made
    if guard.error is not None:
        raise ConfigError(
            Diagnostic(
                "invalid-config",
                f"There is no toolset at '{place}'.",
                found=describe(guard.error),
                hint="write package:factory; for a module of this folder, set PYTHONPATH=.",
            )
        )
    if not isinstance(made, Toolset):
        raise ConfigError(
            Diagnostic("invalid-config", f"'{place}' gives a {type(made).__name__}, where a Toolset belongs.")
        )
    return made
