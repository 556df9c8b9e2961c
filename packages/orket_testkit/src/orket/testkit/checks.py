"""The checks of each family, by their ids. Nothing here knows what any of them does."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from orket.core.proving import contained, describe
from orket.testkit.findings import Broken, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orket.testkit.subject import Plan, Subject

__all__ = ["Law", "laws_of", "run_law"]

_HOMES = (
    "orket.testkit.laws.common",
    "orket.testkit.laws.{family}",
    "orket.testkit.parity.laws",
    "orket.testkit.changes.laws",
)


class Law(NamedTuple):
    """What every node of a family keeps, and how to find out."""

    id: str
    sentence: str
    """In words that a node's author understands."""
    check: Callable[[Subject, Plan], str | None]
    """Returns where the law is kept, with what there is to say of it, and raises ``Broken`` where it is not.

    Runs in a process of its own.
    """
    patience: float = 1.0
    """How many times the plan's seconds it may take: some laws start many processes, on machines that are busy."""


def laws_of(family: str) -> Mapping[str, Law]:
    """Every law of a family by its id, in the order in which ``Family.checks`` lists them.

    A module of laws has a table ``LAWS``: family name, or ``"*"`` for all families, to a tuple of laws.
    """
    from orket.testkit.subject import family_named

    found: dict[str, Law] = {}
    for home in _HOMES:
        table: Mapping[str, tuple[Law, ...]] = import_module(home.format(family=family)).LAWS
        found |= {law.id: law for law in (*table.get("*", ()), *table.get(family, ()))}
    return {check: found[check] for check in family_named(family).checks}


def run_law(law: Law, subject: Subject, plan: Plan) -> Finding:
    """Check one law here and now. A check that fails itself is an ``error``, which passes nothing."""
    said: str | None = None
    with contained() as guard:
        said = law.check(subject, plan)
    match guard.error:
        case None:
            return Finding(law.id, "passed", law.sentence, found=said or "")
        case Broken() as broken:
            return Finding(law.id, broken.status, law.sentence, broken.expected, broken.found, broken.trace)
        case error:
            return Finding(law.id, "error", law.sentence, found=describe(error))
