"""Compose an offer, and check after every compose that it offers nothing it may not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from orket.core.contain import contained, describe
from orket.core.errors import Diagnostic
from orket.core.toolset import Toolset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from orket.core.calls import TurnContext
    from orket.core.hookspecs import ToolStrategy
    from orket.core.limits import Limits
    from orket.core.tools import Tool

__all__ = ["Breach", "breaches", "compose"]


class Breach(NamedTuple):
    """One way in which an offer is more than it may be."""

    law: str
    """The law that is broken, ``closed`` or ``never-widens``."""
    flaw: str


def compose(
    strategy: ToolStrategy,
    toolset: Toolset,
    context: TurnContext,
    *,
    node: str,
    provides: Collection[str],
    limits: Limits,
) -> tuple[Toolset, Diagnostic | None]:
    """What ``strategy`` offers, or no tools and the reason, a ``contract-breach``.

    Args:
        strategy: the active node.
        toolset: every tool of the application.
        context: what the turn is for.
        node: the strategy's identity.
        provides: names of the tools that it declared to add or replace.
        limits: what holds where a tool says nothing of its own.
    """
    offered: object = None
    with contained() as guard:
        offered = strategy.compose(toolset, context)
    if guard.error is not None:
        flaw = f"it raised {describe(guard.error)}"
    elif not isinstance(offered, Toolset):
        flaw = f"it gave a {type(offered).__name__}, where a Toolset belongs"
    else:
        breach = next(breaches(offered, toolset, provides, limits), None)
        if breach is None:
            return offered, None
        flaw = breach.flaw
    nothing = toolset.only(why=f"strategy '{node}' broke its contract: {flaw}")
    hint = "report it to the node's author; the agent has no tools until another node is chosen"
    return nothing, Diagnostic("contract-breach", f"Strategy '{node}' broke its contract: {flaw}.", hint=hint)


def breaches(
    offered: Toolset, toolset: Toolset, provides: Collection[str], limits: Limits
) -> Iterator[Breach]:
    """Each way in which ``offered`` is more than a strategy may make of ``toolset``."""
    for tool in offered:
        namesake = toolset.get(tool.name)
        if namesake is tool:
            continue
        if tool.name in provides:
            before = [] if namesake is None else [namesake]
        elif namesake is not None and namesake.lineage is tool.lineage:
            before = [namesake]
        else:  # renamed: it must be no looser than any tool it may have been
            before = [one for one in toolset if one.lineage is tool.lineage]
            if not before:
                flaw = f"'{tool.name}' descends from no tool of the application, and is not declared in 'provides'"
                yield Breach("closed", flaw)
        for one in before:
            if tool.name not in provides and tool.function is not one.function:
                yield Breach("closed", f"'{tool.name}' runs something else than '{one.name}' does")
            if tool.name not in provides and tool.arguments is not one.arguments:
                yield Breach("closed", f"'{tool.name}' takes other arguments than '{one.name}' does")
            for wider in _wider(one, tool, limits):
                yield Breach("never-widens", f"'{tool.name}' {wider}")


def _wider(before: Tool, after: Tool, limits: Limits) -> Iterator[str]:
    """In what ``after`` allows more than ``before``."""
    if beyond := after.effects - before.effects:
        yield f"may {', '.join(sorted(beyond))}, which it may not"
    if before.approval and not after.approval:
        yield "needs no approval any more"
    if before.serial and not after.serial:
        yield "may run beside itself, which it may not"
    if after.idempotent and not before.idempotent:
        yield "counts as idempotent, which its author did not say"
    if before.confine and not after.confine:
        yield "runs unconfined, which it may not"
    if after.host and not before.host:
        yield "runs in the host's own process, which it need not"
    for policy, default in (
        ("timeout", limits.timeout),
        ("max_output", limits.max_output),
        ("retry", 0),
        ("concurrency", math.inf),
        ("rate", math.inf),
        ("budget", math.inf),
    ):
        old, new = (getattr(tool, policy) for tool in (before, after))
        old, new = (default if value is None else value for value in (old, new))
        if new > old:
            yield f"has a {policy} of {new}, where it had {old}"
