"""What a node offers, compared with what the control offers of the same toolset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from orket.testkit.laws.trials import POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orket.core import Tool, Toolset
    from orket.testkit.circumstances import Circumstance

__all__ = ["Difference", "differences"]


class Difference(NamedTuple):
    """One way in which a node differs from the control."""

    kind: str
    """``removed``, ``added``, ``renamed``, ``order``, ``schema``, ``description``, ``policy``, ``effect``; of calls
    ``result`` and ``effect``."""
    tool: str
    """The tool's name as the control has it; of an added one, as the node has it."""
    circumstance: Circumstance
    detail: str


def differences(control: Toolset, candidate: Toolset, circumstance: Circumstance) -> Iterator[Difference]:
    """Every difference between two offers.

    Args:
        control: what the family's default offers.
        candidate: what the node offers.
        circumstance: what both were composed for.
    """
    matched = _matched(control, candidate)
    for tool in control:
        other = matched.get(tool.name)
        if other is None:
            yield Difference("removed", tool.name, circumstance, "it is not offered")
        elif other is not tool:
            for kind, detail in _between(tool, other):
                yield Difference(kind, tool.name, circumstance, detail)
    known = {other.name for other in matched.values()}
    for tool in candidate:
        if tool.name not in known:
            yield Difference("added", tool.name, circumstance, "the control has no such tool")
    before = [matched[name].name for name in control.names if name in matched]
    after = [name for name in candidate.names if name in known]
    for tool in control:
        other = matched.get(tool.name)
        if other is not None and (there := before.index(other.name)) != (here := after.index(other.name)):
            detail = f"it is number {here + 1} of those that both have, where the control has it as number {there + 1}"
            yield Difference("order", tool.name, circumstance, detail)
            return


def _matched(control: Toolset, candidate: Toolset) -> dict[str, Tool]:
    """Which tool of the candidate stands for which of the control: the namesake, else one that descends from it."""
    matched = {tool.name: other for tool in control if (other := candidate.get(tool.name)) is not None}
    taken = {other.name for other in matched.values()}
    descended = {other.lineage: other for other in candidate if other.name not in taken}
    for tool in control:
        if tool.name not in matched and (other := descended.pop(tool.lineage, None)) is not None:
            matched[tool.name] = other
    return matched


def _between(tool: Tool, other: Tool) -> Iterator[tuple[str, str]]:
    """The kinds of difference between a tool and the one that stands for it."""
    if tool.name != other.name:
        yield "renamed", f"it is called '{other.name}'"
    if _text(tool.schema) != _text(other.schema):
        yield "schema", f"its schema is {_text(other.schema)}, where the control's is {_text(tool.schema)}"
    if tool.description != other.description:
        yield (
            "description",
            f"it is described by {other.description!r}, where the control has {tool.description!r}",
        )
    policies = [
        f"{name} is {getattr(other, name)}, where the control has {getattr(tool, name)}"
        for name in POLICIES
        if getattr(tool, name) != getattr(other, name)
    ]
    if policies:
        yield "policy", "; ".join(policies)
    if tool.effects != other.effects:
        yield "effect", f"it may {_effects(other)}, where the control's may {_effects(tool)}"


def _effects(tool: Tool) -> str:
    return ", ".join(sorted(tool.effects)) or "nothing"


def _text(schema: object) -> str:
    return json.dumps(schema, sort_keys=True, ensure_ascii=False)
