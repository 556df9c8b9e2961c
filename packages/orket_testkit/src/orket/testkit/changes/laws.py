"""The law that declared changes are what they say: there, shown, no wider than they name, and written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.testkit.changes.breadth import check_breadth, check_named
from orket.testkit.changes.declared import KINDS, changes_of, flaws
from orket.testkit.changes.documents import check_document
from orket.testkit.changes.witness import check_witness
from orket.testkit.checks import Law
from orket.testkit.findings import Broken
from orket.testkit.toolsets import TOOLSETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orket.testkit.changes.declared import Change
    from orket.testkit.subject import Plan, Subject

__all__ = ["LAWS"]


def changes_hold(subject: Subject, plan: Plan) -> None:
    """Each declared change is well written, documented, shown by its witness, and covers nothing that it is not."""
    for flaw in flaws(subject.declared):
        texts = "id, kind, reason, doc and witness, and a 'when' of effects, tool or role"
        raise Broken(flaw, expected=f"each [[change]] has {texts}; kinds are {', '.join(KINDS)}")
    for change in changes_of(subject.declared):
        for name in _unknown_tools(subject, change):
            raise Broken(
                f"change '{change.id}' names the tool '{name}', which there is not",
                expected="tools of the toolsets under test, or tools that 'provides' names",
            )
        check_document(subject, change)
        witness = check_witness(subject, change, plan)
        if witness is None:
            check_named(change)
        else:
            check_breadth(subject, change, plan, witness)


def _unknown_tools(subject: Subject, change: Change) -> Iterator[str]:
    known = {name for make in TOOLSETS.values() for name in make().names} | set(subject.declared.provides)
    yield from (name for name in change.when.get("tool", ()) if name not in known)


LAWS: Mapping[str, tuple[Law, ...]] = {
    "*": (
        Law(
            "changes-hold",
            "Each declared change is documented, shown by its witness, and covers nothing but what differs.",
            changes_hold,
        ),
    )
}
