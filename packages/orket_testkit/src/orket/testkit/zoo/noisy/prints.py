"""An import that prints a line."""

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

print("acme 1.0 is ready")  # noqa: T201 - that is what is wrong with it
