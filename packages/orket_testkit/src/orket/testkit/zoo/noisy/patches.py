"""An import that puts something else in the place of a part of Orket."""

from collections.abc import Callable

from orket.core import Tool, Toolset
from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

_where = Toolset.where


def _everything(self: Toolset, predicate: Callable[[Tool], bool], *, why: str) -> Toolset:
    return _where(self, predicate, why=why)


Toolset.where = _everything  # type: ignore[method-assign]  # that is what is wrong with it
