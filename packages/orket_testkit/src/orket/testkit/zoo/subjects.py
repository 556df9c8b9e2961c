"""Entries of the zoos, and what the checks take them for: installed nodes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from orket.core import TOOL_STRATEGY, NodeRef
from orket.core.proving import Declaration
from orket.testkit.subject import Plan, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    T = TypeVar("T", bound=Callable[..., object])

__all__ = ["BY_THEMSELVES", "Entry", "Shelf", "subject_of"]

BY_THEMSELVES = tuple(
    law for law in TOOL_STRATEGY.checks if law not in ("parity-offer", "parity-calls", "changes-hold")
)
"""The laws that look at a strategy alone. What differs from the default in nodes for these is not declared."""


_HASTY = 6.0  # seconds
_ENDLESS = ("never-ends",)


class Entry(NamedTuple):
    """A node of a zoo."""

    name: str
    value: str
    """Where it is, as an entry point says it: ``module:attribute``."""
    rejected_by: str
    """The one law that it breaks; empty where it breaks none."""
    about: str
    """What is wrong with it, or odd, in a sentence."""
    declared: Declaration = Declaration()
    family: str = "tool_strategy"
    asked: tuple[str, ...] = ()
    """The laws that it is shown to; all of its family where empty."""

    def plan(self, law: str, plan: Plan) -> Plan:
        """``plan``, with little time where the law has to reject, or where the node never ends."""
        return plan._replace(seconds=_HASTY) if law == self.rejected_by or self.name in _ENDLESS else plan


class Shelf:
    """The entries of one module, in the order in which they are written."""

    def __init__(self, module: str, family: str = "tool_strategy", asked: tuple[str, ...] = ()) -> None:
        """Begin with none.

        Args:
            module: the module's name.
            family: the family that its nodes are of.
            asked: the laws that they are shown to.
        """
        self._module = module
        self._family = family
        self._asked = asked
        self.entries: list[Entry] = []

    def rejected_by(
        self,
        law: str,
        *,
        provides: tuple[str, ...] = (),
        cases: tuple[Mapping[str, object], ...] = (),
        changes: tuple[Mapping[str, object], ...] = (),
    ) -> Callable[[T], T]:
        """Put a class or a factory on the shelf, which breaks that law and no other.

        Args:
            law: the law's id.
            provides: what the node declares, and so on.
            cases: see ``Declaration``.
            changes: see ``Declaration``.
        """

        def put(made: T) -> T:
            name = re.sub(r"(?<!^)(?=[A-Z])|_", "-", made.__qualname__).lower()
            about = (made.__doc__ or "").partition("\n")[0]
            declared = Declaration(1, provides, cases, changes)
            value = f"{self._module}:{made.__qualname__}"
            self.entries.append(Entry(name, value, law, about, declared, self._family, self._asked))
            return made

        return put

    def right(
        self,
        *,
        provides: tuple[str, ...] = (),
        cases: tuple[Mapping[str, object], ...] = (),
        changes: tuple[Mapping[str, object], ...] = (),
    ) -> Callable[[T], T]:
        """Put a class or a factory on the shelf, which keeps every law."""
        return self.rejected_by("", provides=provides, cases=cases, changes=changes)


def subject_of(entry: Entry) -> Subject:
    """The entry as a subject of the checks; of no distribution."""
    ref = NodeRef(f"orket.{entry.family}", entry.name, entry.value, "orket-zoo", "0", "")
    return Subject(ref, entry.declared)
