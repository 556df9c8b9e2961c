"""An import that prints megabytes, past Python's own streams."""

import os

from orket.testkit.zoo.noisy.node import Node

__all__ = ["Node"]

os.write(1, b"acme " * 1_000_000)
