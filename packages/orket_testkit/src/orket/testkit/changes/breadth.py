"""A declared change covers nothing but what differs: of each tool that it covers, some circumstance shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orket.testkit.changes.compared import differing
from orket.testkit.changes.declared import concerns, covers
from orket.testkit.circumstances import circumstances
from orket.testkit.findings import Broken
from orket.testkit.toolsets import TOOLSETS

if TYPE_CHECKING:
    from orket.testkit.changes.declared import Change
    from orket.testkit.circumstances import Circumstance
    from orket.testkit.subject import Plan, Subject

__all__ = ["check_breadth", "check_named"]

_TOOLSETS = ("baseline", "synthetic", "undeclared")


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
    toolsets = [TOOLSETS[name]() for name in _TOOLSETS]
    unshown = [tool.name for toolset in toolsets for tool in toolset if concerns(change, tool.name, tool)]
    for toolset in toolsets:
        for circumstance in under:
            if not any(name in toolset for name in unshown):
                break
            found = differing(subject, circumstance, toolset)
            if found is None:
                return
            shown = {one.tool for one, tool in found if covers(change, one, tool)}
            unshown = [name for name in unshown if name not in shown]
    if unshown:
        covered = f"change '{change.id}' covers '{unshown[0]}', which never differs in kind '{change.kind}'"
        raise Broken(
            f"change-too-broad: {covered}",
            expected="a 'when' that holds for nothing but what differs, by effects, tool and role",
            trace={**witness.as_dict(), "tool": unshown[0], "kind": change.kind},
        )


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
