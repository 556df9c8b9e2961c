"""An import that raises."""

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

raise LookupError("no such service")
