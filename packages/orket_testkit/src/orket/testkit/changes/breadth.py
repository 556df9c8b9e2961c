"""A declared change covers nothing but what differs: of each tool that it covers, some circumstance shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orket.testkit.changes.compared import differing
from orket.testkit.changes.declared import concerns, covers
from orket.testkit.circumstances import Circumstance, circumstances
from orket.testkit.findings import Broken
from orket.testkit.toolsets import TOOLSETS

if TYPE_CHECKING:
    from orket.core import Toolset
    from orket.testkit.changes.declared import Change
    from orket.testkit.subject import Plan, Subject

__all__ = ["check_breadth", "check_named"]

_TOOLSETS = ("baseline", "synthetic")


def check_breadth(subject: Subject, change: Change, plan: Plan, witness: Circumstance) -> None:
    """Every tool that ``change`` covers differs so under some circumstance.

    What is added differs wherever it is offered, and a change of order is of the toolset, not of one tool.

    Args:
        subject: the node.
        change: what it declares.
        plan: how many circumstances are generated.
        witness: the circumstance that shows the change of one tool.

    Raises:
        Broken: one does not: ``change-too-broad``.
    """
    if change.kind in ("added", "order"):
        return
    in_roles = [
        witness._replace(context=replace(witness.context, roles=(role,)))
        for role in change.when.get("role", ())
    ]
    under = (witness, *in_roles, *circumstances(subject, plan))
    for name in _TOOLSETS:
        _check_offers(subject, change, under, name, TOOLSETS[name]())


def check_named(change: Change) -> None:
    """A change of what calls do names its tools: no circumstance could show it of all tools that there are.

    Raises:
        Broken: it names none: ``change-too-broad``.
    """
    if not change.when.get("tool"):
        raise Broken(
            f"change-too-broad: change '{change.id}' is about what calls do, and names no tool",
            expected='when = { tool = "name_of_the_tool" }',
        )


def _check_offers(
    subject: Subject, change: Change, under: tuple[Circumstance, ...], name: str, toolset: Toolset
) -> None:
    unshown = {tool.name for tool in toolset if concerns(change, tool.name, tool)}
    for circumstance in under:
        if not unshown:
            return
        found = differing(subject, circumstance, toolset)
        unshown -= {one.tool for one, tool in found if covers(change, one, tool)}
    if unshown:
        tool = next(tool for tool in toolset if tool.name in unshown)
        raise Broken(
            f"change-too-broad: change '{change.id}' covers '{tool.name}', which never differs in kind '{change.kind}'",
            expected="a 'when' that holds for nothing but what differs, by effects, tool and role",
            trace={**Circumstance().as_dict(), "toolset": name, "tool": tool.name, "kind": change.kind},
        )
