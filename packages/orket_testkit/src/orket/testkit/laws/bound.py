"""Finds tools of a node that hold on to what one compose was given."""

from __future__ import annotations

import gc
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orket.core import Toolset, TurnContext

    Inputs: TypeAlias = tuple[Toolset, TurnContext]

__all__ = ["bound"]


def bound(offered: Toolset, inputs: Inputs, others: Inputs) -> Iterator[str]:
    """The names of tools that the node itself made and that can reach what another compose was given.

    Args:
        offered: what the node made of ``inputs``.
        inputs: a toolset, and a context.
        others: what the other compose was given.
    """
    mine, own = set(map(id, inputs[0])), {id(tool.function) for tool in inputs[0]}
    foreign = {*map(id, others), *map(id, others[0])} - mine
    for tool in offered:
        if id(tool.function) not in own and _reaches(tool.function, foreign):
            yield tool.name


def _reaches(function: object, targets: set[int]) -> bool:
    """Whether ``function`` holds one of these objects: in a closure, a default, or the object that it belongs to."""
    seen: set[int] = set()
    waiting = [function]
    while waiting:
        one = waiting.pop()
        if id(one) in targets:
            return True
        if id(one) in seen or isinstance(one, ModuleType | type):
            continue
        seen.add(id(one))
        if isinstance(one, FunctionType):  # its globals are no more its own than its module is
            waiting += (one.__closure__, one.__defaults__, one.__kwdefaults__, vars(one))
        else:
            waiting += gc.get_referents(one)
    return False
